import { afterAll, describe, expect, test } from 'vitest'
import { functionKit } from '../support/function-kit.ts'
import { openPgliteSource, type TestSource } from '../support/pglite-source.ts'
import { SHOP } from '../support/shop-schema.ts'
import { sourcesOf } from '../support/test-platform.ts'

const KEYS = {
  viewer: 'v-0123456789abcdef',
  operator: 'o-0123456789abcdef',
  admin: 'a-0123456789abcdef',
} as const

let shop: TestSource | undefined
const kit = functionKit(async () => {
  const opened = await openPgliteSource('shop')
  shop = opened
  await opened.script(SHOP)
  const entries = Object.entries(KEYS).map(([role, key]) => `the-${role}:${role}:${key}`)
  return {
    env: { HELIX_AUTH: 'keys', HELIX_API_KEYS: entries.join() },
    sources: sourcesOf([
      { name: 'shop', open: async () => ({ ...opened.source, [Symbol.asyncDispose]: async () => undefined }) },
    ]),
  }
})
afterAll(async () => await shop?.[Symbol.asyncDispose]())
const TASKS = '/api/v0/data_pipeline/tasks'
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })

describe('with HELIX_AUTH=keys a request', () => {
  test.each([
    ['without a key', {}],
    ['with a wrong key', bearer('a-0123456789abcdeg')],
    ['with the beginning of a key', bearer(KEYS.admin.slice(0, -1))],
    ['with a key by another scheme', { Authorization: `Basic ${KEYS.admin}` }],
    ['with a key and more behind it', { Authorization: `Bearer ${KEYS.admin} x` }],
    ['with nothing behind the scheme', { Authorization: 'Bearer ' }],
  ])('%s is refused, and told how to ask', async (_, headers) => {
    const answer = await kit.send('GET', TASKS, { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="helix"')
    expect(await answer.json()).toMatchObject({ code: 'unauthorized', status: 401, success: false })
  })

  test('with a key in its query is refused', async () => {
    expect((await kit.send('GET', `${TASKS}?key=${KEYS.admin}&access_token=${KEYS.admin}`)).status).toBe(401)
  })

  test.each([
    ['viewer', [200, 403, 403]],
    ['operator', [200, 404, 403]],
    ['admin', [200, 404, 404]],
  ] as const)('of the role %s may do what that role may', async (role, statuses) => {
    const headers = bearer(KEYS[role])
    const answers = [
      await kit.send('GET', TASKS, { headers }),
      await kit.send('POST', `${TASKS}/none/cancel`, { headers }),
      await kit.send('DELETE', `${TASKS}/none`, { headers }),
    ]
    expect(answers.map(({ status }) => status)).toEqual(statuses)
  })

  test('of too small a role is told which one it needs', async () => {
    const answer = await kit.send('DELETE', `${TASKS}/none`, { headers: bearer(KEYS.viewer) })
    expect(await answer.json()).toMatchObject({
      code: 'forbidden',
      detail: `DELETE ${TASKS}/none needs the role admin; "the-viewer" is viewer`,
    })
  })

  test('for a probe, a page or the description needs none', async () => {
    for (const path of ['/api/v1/health/live', '/api/v1/health/ready', '/', '/docs', '/openapi.json']) {
      expect((await kit.send('GET', path)).status, path).toBe(200)
      expect((await kit.send('HEAD', path)).status, path).toBe(200)
    }
    expect((await kit.send('GET', '/api/v1/health')).status).toBe(401)
  })

  test('for an endpoint that there is not tells that only to holders of a key', async () => {
    expect((await kit.send('GET', '/api/v1/none')).status).toBe(401)
    expect((await kit.send('GET', '/api/v1/none', { headers: bearer(KEYS.viewer) })).status).toBe(404)
  })

  test('whose body is too large is refused for its key first', async () => {
    const body = 'x'.repeat(1_100_000)
    expect((await kit.send('POST', TASKS, { body })).status).toBe(401)
    expect((await kit.send('POST', TASKS, { body, headers: bearer(KEYS.operator) })).status).toBe(413)
  })

  test('leaves no key in the log or in an answer', async () => {
    const answers: string[] = []
    for (const key of [...Object.values(KEYS), 'wrong-0123456789abcdef']) {
      for (const path of [TASKS, `${TASKS}/none`, '/openapi.json', '/none']) {
        const answer = await kit.send('GET', path, { headers: bearer(key) })
        answers.push(JSON.stringify([...answer.headers]), await answer.text())
      }
    }
    const said = answers.join() + JSON.stringify(kit.platform.logged)
    expect(said).not.toContain('0123456789abcdef')
  })

  test('creates what is then known by the name of its key, and can not name another', async () => {
    const headers = bearer(KEYS.operator)
    const refused = await kit.send('POST', TASKS, { headers, body: { db_name: 'shop', created_by: 'somebody' } })
    expect(await refused.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: 'created_by' }] })
    const body = { db_name: 'shop', trigger: 'manual' }
    expect((await kit.send('POST', TASKS, { headers, body })).status).toBe(201)
    expect((await kit.send('POST', `${TASKS}/execute-complete`, { headers: bearer(KEYS.admin), body })).status).toBe(
      202,
    )
    const { data } = await kit.read<{ data: { tasks: { created_by: string }[] } }>(TASKS, { headers })
    expect(data.tasks.map((task) => task.created_by).toSorted()).toEqual(['the-admin', 'the-operator'])
  })
})

test('the description says of each operation which role it needs', async () => {
  const { paths, components } = await kit.read<{
    paths: Record<string, Record<string, { security: object[]; 'x-role'?: string; responses: object }>>
    components: object
  }>('/openapi.json')
  expect(components).toMatchObject({ securitySchemes: { key: { type: 'http', scheme: 'bearer' } } })
  expect(paths['/api/v1/health/live']?.get).toMatchObject({ security: [] })
  expect(paths[`${TASKS}/{task_id}`]?.delete).toMatchObject({
    security: [{ key: [] }],
    'x-role': 'admin',
    responses: { 401: { description: 'unauthorized' }, 403: { description: 'forbidden' } },
  })
})
