import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingClock } from '../../../local/clock/standing-clock.ts'
import { openRunner, type Runner } from '../../../local/runner/open-runner.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import type { FunctionEnv } from '../../../shared/platform/platform.ts'

let dir: string
let runner: Runner
const worked: string[] = []

/** Fails as its message says; tells the log a line. */
const work = new Hono<FunctionEnv>().post('*', async (c) => {
  const { execution_id: id } = await c.req.json<{ execution_id: string }>()
  worked.push(id)
  c.env.platform.log('task.created')
  return id === 'poison' ? c.text('no', 422) : c.json({})
})
const echo = new Hono<FunctionEnv>().post('/echo', async (c) => c.json(await c.req.json()))
const tick = new Hono<FunctionEnv>().post('*', (c) => c.json({ now: c.env.platform.clock.now() }))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'helix-control-'))
  runner = await openRunner(await configFor('off'), {
    quiet: true,
    clock: standingClock(new Date('2025-06-27T02:59:30Z'), 'Asia/Shanghai'),
    functions: [
      { name: 'work', trigger: 'queue', app: work },
      { name: 'echo', trigger: 'http', app: echo },
    ],
    scheduled: [{ name: 'tell-time', cron: '*/30 * * * *', app: tick }],
  })
})
afterAll(async () => {
  await runner.stop()
  await rm(dir, { recursive: true, force: true })
})

const configFor = async (auth: 'off' | 'keys') =>
  parseConfig({
    HELIX_DATA_DIR: join(dir, auth),
    HELIX_FILES_ROOT: join(dir, 'files'),
    ...(auth === 'keys' ? { HELIX_AUTH: 'keys', HELIX_API_KEYS: 'me:admin:0123456789abcdef' } : {}),
  })

const LOCAL = { 'x-helix-local': '1', 'content-type': 'application/json' }
const get = (path: string, headers: Record<string, string> = {}) =>
  runner.fetch(new Request(`http://127.0.0.1:8000/__local/api/${path}`, { headers }))
const post = (path: string, body: unknown = {}, headers: Record<string, string> = LOCAL) =>
  runner.fetch(
    new Request(`http://127.0.0.1:8000/__local/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  )
// biome-ignore lint/suspicious/noExplicitAny: the document is read field by field
const state = async (): Promise<any> => await (await get('state')).json()
const message = (id: string) => ({ function: 'work', body: { execution_id: id, claim: 0 } })

describe('the runner under /__local/api', () => {
  test('shows a message that died with its reason, and delivers it again when it is redriven', async () => {
    await runner.queue.send(message('poison'))
    await runner.idle()
    const { queue } = await state()
    expect(queue).toMatchObject({ depth: 0, counts: { dead: 1 } })
    expect(queue.dead).toMatchObject([{ function: 'work', body: { execution_id: 'poison' }, reason: 'HTTP 422' }])
    expect(await (await post('queue/redrive', { id: queue.dead[0].id })).json()).toEqual({ redriven: 1 })
    await runner.idle()
    expect(worked.filter((id) => id === 'poison')).toHaveLength(2)
    expect(await (await post('queue/purge')).json()).toEqual({ purged: 1 })
  })

  test('records invocations, and calls one again', async () => {
    await runner.queue.send(message('once'))
    await runner.idle()
    const [latest] = (await state()).invocations
    expect(latest).toMatchObject({
      trigger: 'queue',
      function: 'work',
      status: 200,
      fate: 'acknowledge',
      message: message('once'),
      replayable: true,
    })
    expect(latest.logs).toBeGreaterThanOrEqual(1)
    expect((await post(`invocations/${latest.id}/replay`)).status).toBe(202)
    await runner.idle()
    expect(worked.filter((id) => id === 'once')).toHaveLength(2)
    expect((await state()).invocations[0].id).not.toBe(latest.id)
    expect((await post('invocations/0/replay')).status).toBe(404)
  })

  test('makes an HTTP request again with its body, unless that was too large to keep', async () => {
    const call = async (text: string) => {
      const body = JSON.stringify({ text })
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
      await runner.fetch(new Request('http://127.0.0.1:8000/echo', { method: 'POST', headers, body }))
      return (await state()).invocations[0]
    }
    const small = await call('small')
    expect(small).toMatchObject({ trigger: 'http', function: '/echo', request: 'POST /echo', status: 200, fate: null })
    await post(`invocations/${small.id}/replay`)
    await runner.idle()
    expect((await state()).invocations[0]).toMatchObject({ request: 'POST /echo', status: 200 })
    const large = await call('x'.repeat(70_000))
    expect(large).toMatchObject({ replayable: false, status: 200 })
    expect((await post(`invocations/${large.id}/replay`)).status).toBe(400)
  })

  test('sends the clock ahead, and fires what falls due in between', async () => {
    const before = (await state()).clock
    const answer = await (await post('clock/advance', { ms: 3_600_000 })).json()
    const { clock, cron } = await state()
    expect(clock.offset_ms - before.offset_ms).toBe(3_600_000)
    expect(answer).toEqual({ now: clock.now, offset_ms: clock.offset_ms, ticks: { 'tell-time': 2 } })
    expect(cron[0].last).toMatchObject({ status: 200, answer: { now: '2025-06-27T03:30:00.000Z' } })
    expect(cron[0].next[0]).toBe('2025-06-27T04:00:00.000Z')
    expect((await post('clock/advance', { ms: -1 })).status).toBe(400)
  })

  test('fires a scheduled function at a time of its own', async () => {
    const fired = await post('cron/tell-time/fire', { at: '2030-01-01T00:00:00Z' })
    const answer = { now: '2030-01-01T00:00:00.000Z' }
    expect(await fired.json()).toEqual({ name: 'tell-time', fired: true, status: 200, answer })
    expect((await post('cron/tell-tales/fire')).status).toBe(404)
  })

  test('changes what goes wrong, and says what did', async () => {
    expect((await post('faults', { settings: 'seed=7,drop=1' })).status).toBe(200)
    await runner.queue.send(message('lost'))
    await runner.idle()
    const { faults } = await state()
    expect(faults).toMatchObject({ settings: 'seed=7,drop=1', drop: 1 })
    expect(faults.struck.at(-1)).toMatchObject({ point: 'queue.send', fault: 'drop' })
    expect(worked).not.toContain('lost')
    const refused = await post('faults', { settings: 'drop=2' })
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('probability from 0 to 1')])
    await post('faults', { settings: '' })
  })

  test('tells what happens as it happens', async () => {
    const reader = (await get('events')).body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('live')
    await runner.queue.send(message('seen'))
    let text = ''
    while (!text.includes('"fate":"acknowledge"')) text += (await reader?.read())?.value ?? ''
    expect(text).toMatch(/event: queue\ndata: \{"kind":"sent"/)
    await reader?.cancel()
  })
})

describe('who may use it', () => {
  test.each([
    ['no header', {}],
    ['the origin of another page', { origin: 'https://evil.example' }],
  ])('is nobody who would change something with %s', async (_, headers) => {
    const answer = await post('queue/purge', {}, { 'content-type': 'application/json', ...headers } as Record<
      string,
      string
    >)
    expect(answer.status).toBe(403)
  })

  test('is a page of the same origin', async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://127.0.0.1:8000' }
    expect((await post('queue/purge', {}, headers)).status).toBe(200)
  })

  test('is nobody who came by another name than this machine has for itself', async () => {
    const answer = await runner.fetch(new Request('http://rebound.example:8000/__local/api/state'))
    expect(answer.status).toBe(403)
  })

  test('is nobody where keys are asked for: it is not there', async () => {
    const keyed = await openRunner(await configFor('keys'), { quiet: true, works: false })
    const headers = { authorization: 'Bearer 0123456789abcdef' }
    const answer = await keyed.fetch(new Request('http://127.0.0.1:8000/__local/api/state', { headers }))
    await keyed.stop()
    expect(answer.status).toBe(404)
  })
})
