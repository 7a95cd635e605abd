import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { lambdaHandlers } from '../../functions/aws.ts'
import { handler, stream } from '../../functions/lambda.ts'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import type { GatewayAnswer } from '../../shared/platform/aws-http.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { httpEvent, ruleEvent, sqsEvent } from '../support/lambda-events.ts'
import { openTestStore, type TestStore } from '../support/test-store.ts'

const context = { getRemainingTimeInMillis: () => 900_000 }
const env = environment('postgres://nobody@127.0.0.1:1/none')

beforeAll(() => {
  vi.spyOn(console, 'log').mockReturnValue() // where a Lambda's log lines go
})

describe('the Lambda, where the store does not answer', () => {
  const lambda = lambdaHandlers({ functions: FUNCTIONS, scheduled: SCHEDULED, env })

  test('answers 404 as problem details for an unknown path', async () => {
    const answer = await call(lambda, { rawPath: '/no/such' })
    expect(answer).toMatchObject({ statusCode: 404, isBase64Encoded: false })
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'route_not_found', instance: '/no/such' })
  })

  test('serves no queue or scheduled function to the public', async () => {
    for (const rawPath of ['/steps/ddl-generation', '/scheduled/sweep-zombies']) {
      expect(await call(lambda, { rawPath, method: 'POST' })).toMatchObject({ statusCode: 404 })
    }
  })

  test('answers 400 to what no HTTP allows', async () => {
    expect(await call(lambda, { method: 'TRACE' })).toMatchObject({ statusCode: 400 })
  })

  test('throws for an event that is none of ours, before it opens anything', async () => {
    await expect(lambda.handler({ Records: [] }, context)).rejects.toThrow('does not know this event')
    await expect(handler({ detail: {} }, context as never)).rejects.toThrow('an object with detail')
  })

  test('fails a tick whose function fails, so that the invocation counts as failed', async () => {
    for (const event of [{ cron: '* * * * *' }, { scheduled: 'sweep-zombies' }, ruleEvent('helix-sweep-zombies')]) {
      await expect(lambda.handler(event, context)).rejects.toThrow('Scheduled functions failed: sweep-zombies')
    }
  })

  test('fails a tick at which nothing is scheduled: somebody wired it wrongly', async () => {
    for (const event of [{ cron: '0 0 29 feb *' }, { scheduled: 'nothing' }, ruleEvent('helix-nothing')]) {
      await expect(lambda.handler(event, context)).rejects.toThrow('Nothing that runs here is scheduled')
    }
  })

  test('does not stream what is no HTTP', async () => {
    await expect(lambda.stream({ cron: '* * * * *' }, null as never, context, null as never)).rejects.toThrow(
      'HTTP only',
    )
  })

  test('has a streaming handler only where the runtime can stream', () => {
    expect(stream).toBeUndefined()
  })
})

describe('an HTTP invocation', () => {
  const probe = createFunction()
    .get('/deadline', (c) => c.json({ deadline: c.env.platform.deadline, now: c.env.platform.clock.now() }))
    .get('/large', (c) => c.body('x'.repeat(7_000_000)))
    .post('/later', (c) => {
      c.env.platform.defer(c.env.platform.clock.sleep(20).then(() => void done.push('deferred')))
      return c.json({}, 202)
    })
  const done: string[] = []
  const lambda = lambdaHandlers({ functions: [{ name: 'probe', trigger: 'http', app: probe }], scheduled: [], env })

  test.each([
    ['ends in time for a gateway that waits 30 s', 900_000, 25_000],
    ['ends before its Lambda does', 10_000, 8_000],
  ])('%s', async (_, remaining, expected) => {
    const event = httpEvent({ rawPath: '/deadline' })
    const answer = await lambda.handler(event, { getRemainingTimeInMillis: () => remaining })
    const { deadline, now } = JSON.parse((answer as GatewayAnswer).body)
    expect(Date.parse(deadline) - Date.parse(now)).toBeGreaterThan(expected - 1_000)
    expect(Date.parse(deadline) - Date.parse(now)).toBeLessThanOrEqual(expected)
  })

  test('says what to do about an answer that is too large, in the language of its caller', async () => {
    const answer = await call(lambda, { rawPath: '/large', headers: { host: 'h', 'accept-language': 'en' } })
    expect(answer.statusCode).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'answer_too_large',
      title: 'The answer is larger than the platform lets through',
      hint: expect.stringContaining('Range'),
    })
  })

  test('ends after the work that it deferred', async () => {
    expect(await call(lambda, { rawPath: '/later', method: 'POST' })).toMatchObject({ statusCode: 202 })
    expect(done).toEqual(['deferred'])
  })
})

describe('a Lambda for some functions (HELIX_FUNCTION)', () => {
  const only = (names: string) =>
    lambdaHandlers({ functions: FUNCTIONS, scheduled: SCHEDULED, env: { ...env, HELIX_FUNCTION: names } })

  test('answers 404 for the others', async () => {
    expect(await call(only('live'), { rawPath: '/api/v1/health/live' })).toMatchObject({ statusCode: 200 })
    expect(await call(only('live'), { rawPath: '/docs' })).toMatchObject({ statusCode: 404 })
  })

  test('takes no ticks of others', async () => {
    await expect(only('live').handler({ scheduled: 'sweep-zombies' }, context)).rejects.toThrow(
      'Nothing that runs here',
    )
  })

  test('gives back messages of others instead of burying them', async () => {
    const queue = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'))
    const event = sqsEvent({ function: 'qa-generation', body: {} }, { function: 'no-such-function', body: {} })
    const answer = await only('ddl-generation').handler(event, context)
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] })
    const actions = queue.mock.calls.map(([, init]) => new Headers(init?.headers).get('x-amz-target'))
    expect(actions).toEqual(['AmazonSQS.ChangeMessageVisibility', 'AmazonSQS.SendMessage'])
  })

  test('names a function that there is not', async () => {
    await expect(only('live, no-such').handler(httpEvent(), context)).rejects.toThrow('there is no function "no-such"')
  })

  afterEach(() => vi.mocked(globalThis.fetch).mockRestore?.())
})

describe('the Lambda on a store', () => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())

  test('goes on in a warm sandbox after the server has cut its connection', async (context_) => {
    if (store.url === null) context_.skip('a Lambda connects by URL: set HELIX_TEST_DATABASE_URL')
    const name = `helix-warm-${process.pid}`
    const url = new URL(store.url ?? '')
    url.searchParams.set('application_name', name)
    const lambda = lambdaHandlers({ functions: FUNCTIONS, scheduled: SCHEDULED, env: environment(url.href) })
    const ready = () => call(lambda, { rawPath: '/api/v1/health/ready' })
    expect(await ready()).toMatchObject({ statusCode: 200 })
    const connections = async (what: string) =>
      (await store.query(`select ${what} from pg_stat_activity where application_name = $1`, [name])).rows
    const before = await connections('pid')
    expect(before).toHaveLength(1)
    expect(await ready()).toMatchObject({ statusCode: 200 })
    expect(await connections('pid')).toEqual(before)
    await connections('pg_terminate_backend(pid)')
    expect(await ready()).toMatchObject({ statusCode: 200 })
  })

  test('acknowledges a message whose execution is gone', async (context_) => {
    if (store.url === null) context_.skip('a Lambda connects by URL: set HELIX_TEST_DATABASE_URL')
    const lambda = lambdaHandlers({ functions: FUNCTIONS, scheduled: SCHEDULED, env: environment(store.url ?? '') })
    const event = sqsEvent({ function: 'qa-generation', body: { execution_id: 'gone', claim: 3 } })
    expect(await lambda.handler(event, context)).toEqual({ batchItemFailures: [] })
  })
})

async function call(lambda: ReturnType<typeof lambdaHandlers>, given: Parameters<typeof httpEvent>[0]) {
  return (await lambda.handler(httpEvent(given), context)) as GatewayAnswer
}

function environment(url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    HELIX_LOG_LEVEL: 'error',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    HELIX_QUEUE_URL: 'http://127.0.0.1:1/000000000000/helix-steps',
    HELIX_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:1/000000000000/helix-dead-letters',
    HELIX_FILES_BUCKET: 'helix-files',
  }
}
