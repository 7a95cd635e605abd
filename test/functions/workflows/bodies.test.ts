import { expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { functionKit } from '../../support/function-kit.ts'

const kit = functionKit()
const WORKFLOWS = '/api/v1/workflows'

async function create(body: unknown) {
  const answer = await kit.send('POST', WORKFLOWS, { body })
  return { answer, body: (await answer.json()) as Record<string, unknown> }
}

test('a workflow may be sent as YAML', async () => {
  const app = createApp(FUNCTIONS)
  const send = async (method: string, path: string, body: string, more: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/yaml', ...more }
    return await app.request(path, { method, body, headers }, { platform: kit.platform })
  }
  const made = await send('POST', WORKFLOWS, 'name: Yaml\nnodes:\n  ddl: { node: ddl_generation }\n')
  expect(made.status).toBe(201)
  const etag = made.headers.get('etag') ?? ''
  const changed = await send('PUT', `${WORKFLOWS}/yaml`, 'nodes: { qa: { node: qa_generation } }', { 'If-Match': etag })
  expect(changed.status).toBe(200)
  expect(
    (await kit.read<{ data: { definition: { nodes: unknown } } }>(`${WORKFLOWS}/yaml`)).data.definition.nodes,
  ).toEqual([{ name: 'qa', node: 'qa_generation' }])
  const wrong = await send('POST', `${WORKFLOWS}/yaml/validate`, 'nodes:\n  - name: a\n    nod: x')
  expect(await wrong.json()).toMatchObject({
    data: { valid: false, findings: [{ nearest: 'node', line: 3 }, { line: 2 }] },
  })
})

test('a workflow in a file may say its id, which no other workflow can be changed by', async () => {
  const yaml = { 'content-type': 'application/yaml', 'accept-language': 'en' }
  const text = (id: string) => `id: ${id}\nnodes:\n  ddl: { node: ddl_generation }\n`
  const made = await kit.sendText('POST', WORKFLOWS, text('from_file'), yaml)
  expect([made.status, made.headers.get('location')]).toEqual([201, `${WORKFLOWS}/from_file`])
  expect((await kit.sendText('POST', WORKFLOWS, text('from_file'), yaml)).status).toBe(409)
  expect((await kit.sendText('PUT', `${WORKFLOWS}/from_file`, text('from_file'), yaml)).status).toBe(200)
  const other = await kit.sendText('PUT', `${WORKFLOWS}/from_file`, text('another'), yaml)
  expect([other.status, await other.json()]).toMatchObject([
    422,
    { errors: [{ code: 'other_id', path: 'id', line: 1 }] },
  ])
  const bad = await kit.sendText('POST', WORKFLOWS, text('../up'), yaml)
  expect([bad.status, await bad.json()]).toMatchObject([422, { errors: [{ code: 'bad_id', line: 1 }] }])
  const both = await create({ id: 'one', definition: text('two') })
  expect([both.answer.status, both.body.errors]).toMatchObject([422, [{ code: 'other_id' }]])
})

test.each([
  ['nodes', (deep: unknown) => ({ nodes: [deep] }), 400],
  ['outputs', (deep: unknown) => ({ nodes: [], outputs: { deep } }), 400],
  ['a definition', (deep: unknown) => ({ definition: { deep } }), 400],
  ['a definition as text', (deep: unknown) => ({ definition: JSON.stringify(deep) }), 422],
])('%s nested without end is refused, and nothing breaks', async (_, bodyOf, status) => {
  const deep: unknown = JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`)
  expect((await create(bodyOf(deep))).answer.status).toBe(status)
})

test('half a character is refused, since the store could not keep it', async () => {
  const { answer, body } = await create({ nodes: [{ name: 'a', node: 'ddl_generation', when: "'\ud800' == ''" }] })
  expect([answer.status, body.errors]).toMatchObject([422, [{ code: 'bad_text' }]])
})
