import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { helixTest } from '../../../local/testing/helix-test.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { tinyEmbedder } from '../../support/tiny-embedder.ts'
import { queueFunction, startTask, writingSteps } from './own-functions.ts'

const SHOP = { shop: 'create table orders (id int primary key); insert into orders values (1), (2)' }

describe('the queue', () => {
  test('tells what became of each delivery, and gives dead messages back', async () => {
    let broken = true
    await using helix = await helixTest({
      functions: [
        queueFunction('answers', async (_, { status }) =>
          status === 503
            ? new Response(null, { status: 503, headers: { 'Retry-After': '30' } })
            : new Response(null, { status: broken ? Number(status) : 200 }),
        ),
      ],
    })
    for (const status of [200, 409, 422, 503, 500]) await helix.queue.send({ function: 'answers', body: { status } })
    const told = await helix.queue.drain()
    expect(told.map(({ body, outcome, status, delayMs }) => ({ body, outcome, status, delayMs }))).toEqual([
      { body: { status: 200 }, outcome: 'done', status: 200, delayMs: 0 },
      { body: { status: 409 }, outcome: 'done', status: 409, delayMs: 0 },
      { body: { status: 422 }, outcome: 'dead', status: 422, delayMs: 0 },
      { body: { status: 503 }, outcome: 'later', status: 503, delayMs: 30_000 },
      { body: { status: 500 }, outcome: 'failed', status: 500, delayMs: 1_000 },
    ])
    expect((await helix.queue.peek()).map(({ state }) => state)).toEqual(['later', 'later', 'dead'])

    await helix.clock.advance('5m')
    const failures = helix.queue.delivered.filter(({ body }) => (body as { status: number }).status === 500)
    expect(failures.map(({ attempt, outcome }) => `${attempt} ${outcome}`)).toEqual([
      '1 failed',
      '2 failed',
      '3 failed',
      '4 failed',
      '5 dead',
    ])
    const dead = await helix.queue.dead()
    expect(dead.map(({ message }) => message.body)).toEqual([{ status: 422 }, { status: 500 }])

    broken = false
    expect(await helix.queue.redrive(dead[0]?.id)).toBe(1)
    expect(await helix.queue.drain()).toMatchObject([{ body: { status: 422 }, outcome: 'done', attempt: 1 }])
    expect(await helix.queue.redrive()).toBe(1)
    await helix.idle()
    expect(await helix.queue.dead()).toEqual([])
  })

  test('says so when it never comes to rest', async () => {
    const again = queueFunction('again', async ({ queue }, body) => {
      await queue.send({ function: 'again', body } as never)
      return undefined
    })
    await using helix = await helixTest({ functions: [again] })
    await helix.queue.send({ function: 'again', body: {} })
    await expect(helix.queue.drain()).rejects.toThrow('did not come to rest within 1000 deliveries')
  })
})

describe('the clock', () => {
  const naps = queueFunction('naps', async ({ clock, files }, { ms }) => {
    await clock.sleep(Number(ms))
    await files.put(`woken/${ms}`, clock.now().toISOString())
    return undefined
  })

  test('lets everything happen at its own time: sleeps end, messages come, schedules fire', async () => {
    const often = createFunction().post('/scheduled/often', async (c) => {
      const { clock, queue } = c.env.platform
      await queue.send({ function: 'naps', body: { ms: 1 + clock.now().getUTCMinutes() } } as never, 90)
      return c.json({})
    })
    await using helix = await helixTest({
      clock: '2026-03-01T09:59:00Z',
      functions: [naps],
      scheduled: [{ name: 'often', cron: '*/5 * * * *', app: often }],
    })
    await helix.queue.send({ function: 'naps', body: { ms: 5_000 } })
    expect(await helix.queue.drain()).toMatchObject([{ outcome: 'waits', status: null }])
    await helix.idle()
    expect(helix.effects.files).toEqual([])
    await helix.clock.advance('9m 30s')
    expect(helix.clock.now()).toEqual(new Date('2026-03-01T10:08:30Z'))
    expect(helix.queue.delivered.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    const { files } = await helix.files.list('woken/')
    const written = files.map(({ key, modifiedAt }) => `${key} ${modifiedAt.toISOString()}`)
    expect(written).toEqual([
      'woken/1 2026-03-01T10:01:30.001Z',
      'woken/5000 2026-03-01T09:59:05.000Z',
      'woken/6 2026-03-01T10:06:30.006Z',
    ])
    await expect(helix.clock.advance('soon')).rejects.toThrow('"soon" is no duration')
  })

  test('stands where it is told, and a test may end while a function waits for it', async () => {
    const forever = createFunction().post('/scheduled/forever', async (c) => {
      await c.env.platform.clock.sleep(3_600_000)
      return c.json({})
    })
    const scheduled = [{ name: 'forever', cron: '0 3 * * *', app: forever }]
    const helix = await helixTest({ clock: new Date('2026-05-05T05:05:05Z'), functions: [naps], scheduled })
    await helix.queue.send({ function: 'naps', body: { ms: 1_000 } })
    await helix.idle()
    const fired = helix.cron.fire('forever')
    await helix.idle()
    expect(helix.clock.now()).toEqual(new Date('2026-05-05T05:05:05Z'))
    await helix[Symbol.asyncDispose]()
    expect(helix.effects.files).toEqual([])
    await expect(Promise.race([fired, Promise.resolve('still waits')])).resolves.toBe('still waits')
    await expect(helixTest({ clock: 'tomorrow' })).rejects.toThrow('"tomorrow" is no time')
  })

  test("goes by itself where the machine's is asked for", async () => {
    await using helix = await helixTest({ clock: 'system', functions: [naps] })
    await helix.queue.send({ function: 'naps', body: { ms: 600_000 } })
    await helix.idle()
    const before = helix.clock.now()
    await helix.clock.advance('10m')
    expect(helix.clock.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(600_000)
    expect(helix.queue.delivered).toMatchObject([{ outcome: 'done' }])
  })
})

describe('schedules', () => {
  test('are listed with their next times and fired by name, at any time', async () => {
    const clockwork = createFunction().post('/scheduled/clockwork', async (c) => {
      return c.json({ sees: c.env.platform.clock.now().toISOString() })
    })
    await using helix = await helixTest({ scheduled: [{ name: 'clockwork', cron: '0 4 * * MON', app: clockwork }] })
    expect(helix.cron.list().map(({ name }) => name)).toContain('sweep-zombies')
    expect(helix.cron.list()[0]).toMatchObject({ name: 'clockwork', last: null })
    expect(helix.cron.list()[0]?.next[0]).toEqual(new Date('2026-01-05T04:00:00Z'))
    const answer = await helix.cron.fire('clockwork', '2027-07-07T07:07:00Z')
    expect(answer).toEqual({ status: 200, answer: { sees: '2027-07-07T07:07:00.000Z' } })
    expect(helix.clock.now()).toEqual(new Date('2026-01-01T00:00:00Z'))
    await expect(helix.cron.fire('none')).rejects.toThrow('There is no scheduled function "none"')
  })

  test('bring back what a lost message left behind', async () => {
    await using helix = await helixTest({
      sources: SHOP,
      functions: writingSteps(),
      faults: [{ point: 'queue.send', number: 1, fault: 'drop' }],
    })
    const taskId = await startTask(helix)
    expect(await helix.queue.drain()).toEqual([])
    expect(helix.faults.struck).toHaveLength(1)
    await helix.clock.advance('5m')
    // The check of the system's health finds the loss as well, and sends its repair.
    const delivered = helix.queue.delivered.filter((delivery) => delivery.function !== 'repair-incident')
    expect(delivered).toMatchObject([{ function: 'ddl-generation', outcome: 'done' }])
    const answer = await helix.fetch(`/api/v0/data_pipeline/tasks/${taskId}`)
    expect(await answer.json()).toMatchObject({ data: { status: 'completed' } })
  })
})

describe('effects', () => {
  test('are files, messages, requests to models, log events and rows, in order', async () => {
    const everything = createFunction().post('/everything', async (c) => {
      const { store, queue, files, llm, embedder, log } = c.env.platform
      await files.put('a.txt', 'one')
      await files.append('a.txt', ' two')
      await files.delete(['a.txt'])
      await queue.send({ function: 'nobody', body: { execution_id: 'x', claim: 0 } }, 60)
      const schema = z.object({ meaning: z.string() })
      const asked = await llm?.complete({ system: 'be brief', prompt: 'orders?', schema, schemaName: 'Meaning' })
      await embedder.embed(['one', 'two'])
      log('background.failed', { what: 'nothing' })
      await store.query("insert into leases (name, owner, epoch, expires_at) values ('mine', 'me', 1, $1)", [
        c.env.platform.clock.now(),
      ])
      await store.query("update leases set owner = 'you' where name = 'mine'")
      return c.json(asked?.value ?? null)
    })
    await using helix = await helixTest({
      functions: [{ name: 'everything', trigger: 'http', app: everything }],
      llm: ({ schemaName, prompt }) => (schemaName === 'Meaning' ? { meaning: `asked: ${prompt}` } : null),
      embedder: tinyEmbedder(),
    })
    const answer = await helix.fetch('/everything', { method: 'POST' })
    expect(await answer.json()).toEqual({ meaning: 'asked: orders?' })
    expect(helix.effects).toEqual({
      files: [
        { key: 'a.txt', sha256: '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed', bytes: 3 },
        { key: 'a.txt', sha256: '8ab63e29a4ba14e4e1688f9c15e5af90895421358c945b0431f85d66977bd3d2', bytes: 7 },
        { key: 'a.txt', sha256: null, bytes: 0 },
      ],
      messages: [{ function: 'nobody', body: { execution_id: 'x', claim: 0 }, delaySeconds: 60 }],
      models: [
        { model: 'test', schemaName: 'Meaning', system: 'be brief', prompt: 'orders?' },
        { model: 'tiny', texts: ['one', 'two'] },
      ],
      log: [
        {
          event: 'background.failed',
          fields: { what: 'nothing', requestId: expect.any(String), traceId: expect.any(String) },
        },
      ],
      rows: { leases: { inserted: 1, updated: 1, deleted: 0 } },
    })
  })
})

describe('what a test brings along', () => {
  test('are settings and databases, and nothing of the environment', async () => {
    await using helix = await helixTest({
      sources: SHOP,
      config: { HELIX_LANGUAGE: 'en', HELIX_TIME_ZONE: 'Asia/Tokyo' },
    })
    expect(helix.platform.config.HELIX_LANGUAGE).toBe('en')
    expect(helix.platform.clock.timeZone).toBe('Asia/Tokyo')
    const tables = await helix.fetch('/api/v0/data_pipeline/sources/shop/tables')
    expect(await tables.json()).toMatchObject({ data: { tables: [{ name: 'orders' }] } })
    await using source = await helix.platform.sources.open({ name: 'shop' })
    const { rows } = await source.read('select id from orders', { rowsMax: 9, bytesMax: 999, timeoutMs: 9_000 })
    expect(rows).toEqual([{ id: 1 }, { id: 2 }])
  })
})
