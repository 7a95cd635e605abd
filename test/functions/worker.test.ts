import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { cloudflareWorker } from '../../functions/cloudflare.ts'
import { openTriggers } from '../../functions/triggers.ts'
import worker from '../../functions/worker.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import type { CloudflareEnv } from '../../shared/platform/cloudflare.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { fakeBatch, fakeQueue } from '../support/fake-queues.ts'
import { openTestStore, type TestStore } from '../support/test-store.ts'

const context = { waitUntil: () => undefined }

beforeAll(() => {
  vi.spyOn(console, 'log').mockReturnValue() // where a Worker's log lines go
})

describe('the Worker, where the store does not answer', () => {
  const env = environment('postgres://nobody@127.0.0.1:1/none')

  test('answers 404 as problem details for an unknown path', async () => {
    const answer = await worker.fetch(new Request('http://helix.test/no/such'), env, context)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
  })

  test('serves no queue or scheduled function to the public', async () => {
    for (const path of ['/steps/ddl-generation', '/scheduled/sweep-zombies']) {
      const answer = await worker.fetch(new Request(`http://helix.test${path}`, { method: 'POST' }), env, context)
      expect(answer.status).toBe(404)
    }
  })

  test('tries a message again later and keeps the others of its batch', async () => {
    const dead = fakeQueue()
    const batch = fakeBatch([
      { body: { function: 'ddl-generation', body: { execution_id: 'e', claim: 1 } } },
      { body: { function: 'no-such-function', body: {} } },
      { body: 'garbage' },
    ])
    await worker.queue(batch, { ...env, DEAD_LETTERS: dead.queue }, context)
    expect(batch.fates).toEqual([{ retry: 5 }, 'ack', 'ack'])
    expect(dead.sent.map(({ body }) => body)).toMatchObject([
      { reason: 'HTTP 404', deliveries: 1 },
      { message: 'garbage', reason: expect.stringContaining('function') },
    ])
  })

  test('fails a tick whose function fails, so that the platform shows it', async () => {
    await expect(worker.scheduled(tick('* * * * *'), env, context)).rejects.toThrow('sweep-zombies')
  })

  test('says in a function’s own words why its tick failed, whether it throws or answers a problem', async () => {
    const mute = new Hono<FunctionEnv>().post('*', (c) => c.body(null, 500))
    const thrown = createFunction().post('*', () => {
      throw new Error('the disk is gone')
    })
    const scheduled = [
      { name: 'thrower', cron: '* * * * *', app: thrown },
      { name: 'mute', cron: '* * * * *', app: mute },
    ]
    const own = cloudflareWorker(openTriggers([], scheduled))
    await expect(own.scheduled(tick('* * * * *'), env, context)).rejects.toThrow(
      'Scheduled functions failed: thrower: the disk is gone; mute: HTTP 500',
    )
  })
})

describe('the Worker on a store', () => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())

  test('calls what is due at an expression and nothing else', async (context_) => {
    if (store.url === null) context_.skip('a Worker connects by URL: set HELIX_TEST_DATABASE_URL')
    const env = { ...environment(store.url ?? ''), FILES: bucketThatTakesAll() }
    await worker.scheduled(tick('0 0 29 feb *'), env, context)
    expect((await store.query('select from leases')).rowCount).toBe(0)
    for (const { cron } of SCHEDULED) await worker.scheduled(tick(cron), env, context)
    expect((await store.query('select from leases')).rowCount).toBe(SCHEDULED.length)
  })

  test('acknowledges a message whose execution is gone', async (context_) => {
    if (store.url === null) context_.skip('a Worker connects by URL: set HELIX_TEST_DATABASE_URL')
    const batch = fakeBatch([{ body: { function: 'qa-generation', body: { execution_id: 'gone', claim: 3 } } }])
    await worker.queue(batch, environment(store.url ?? ''), context)
    expect(batch.fates).toEqual(['ack'])
  })
})

function environment(connectionString: string): CloudflareEnv {
  return {
    STORE: { connectionString } as CloudflareEnv['STORE'],
    QUEUE: fakeQueue().queue,
    DEAD_LETTERS: fakeQueue().queue,
    FILES: {} as CloudflareEnv['FILES'],
    ASSETS: { fetch: async () => new Response(null, { status: 404 }) } as unknown as CloudflareEnv['ASSETS'],
    HELIX_LOG_LEVEL: 'error',
    HELIX_SOURCE_SHOP: { connectionString: 'postgres://reader@127.0.0.1:1/shop' },
  }
}

function tick(cron: string) {
  return { cron, scheduledTime: 0, noRetry: () => undefined }
}

/** Where reports go and faults are looked for; what R2 itself does is the conformance suite's to tell. */
function bucketThatTakesAll(): CloudflareEnv['FILES'] {
  const put = async (key: string) => ({ key, size: 1, etag: '1', httpEtag: '"1"', uploaded: new Date(0) })
  const list = async () => ({ objects: [], truncated: false })
  return {
    put,
    list,
    head: async () => null,
    get: async () => null,
    delete: async () => undefined,
  } as unknown as CloudflareEnv['FILES']
}
