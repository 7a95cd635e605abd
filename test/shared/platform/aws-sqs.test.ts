import { describe, expect, test } from 'vitest'
import { parseAwsConfig } from '../../../shared/platform/aws-config.ts'
import { sqsQueues } from '../../../shared/platform/aws-sqs.ts'
import { consumeSqsEvent } from '../../../shared/platform/aws-sqs-consumer.ts'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import type { Message } from '../../../shared/platform/queue.ts'
import { queueContract } from '../../contracts/queue-contract.ts'
import { deliverBatch } from '../../support/loopback-aws/event-source.ts'
import { type LoopbackAwsOptions, loopbackAws } from '../../support/loopback-aws/server.ts'
import { manualClock } from '../../support/manual-clock.ts'

type Deliver = (message: Message) => Promise<Response>

queueContract('SQS', async (deliver) => {
  const world = await openWorld(deliver)
  return {
    queue: world.queue,
    pass: world.pass,
    dead: async () => world.letters() as { message: Message; reason: string }[],
    close: async () => await world[Symbol.asyncDispose](),
  }
})

describe('consumeSqsEvent', () => {
  test('delivers every message in spite of duplicates and disorder, and leaves none behind', async () => {
    const claims = new Map<number, number>()
    const deliver: Deliver = async ({ body }) => {
      claims.set(body.claim, (claims.get(body.claim) ?? 0) + 1)
      return new Response()
    }
    await using world = await openWorld(deliver, { faults: { seed: 7, shuffle: true, duplicates: 0.3 } })
    for (let claim = 1; claim <= 40; claim++) await world.queue.send(message(claim))
    await world.pass(60)
    expect(claims.size).toBe(40)
    expect([...claims.keys()]).not.toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    expect(Math.max(...claims.values())).toBe(2)
    expect(world.depth()).toBe(0)
  })

  test('names what failed, so that Lambda deletes the rest', async () => {
    await using world = await openWorld(async ({ body }) => new Response('x', { status: body.claim === 2 ? 500 : 200 }))
    for (const claim of [1, 2, 3]) await world.queue.send(message(claim))
    const event = { Records: world.aws.receive(world.queueUrl, 10) }
    expect(await consumeSqsEvent(world.platform, event, world.queues)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }],
    })
  })

  test('leaves a message to the visibility timeout of its queue when it can not be told the delay', async () => {
    const later: Deliver = async () => new Response(null, { status: 503, headers: { 'retry-after': '20' } })
    await using world = await openWorld(later)
    await world.queue.send(message(1))
    world.aws.failNext(1, 403, 'ChangeMessageVisibility')
    await world.pass(899)
    expect(world.deliveries()).toBe(1)
    await world.pass(2)
    expect(world.deliveries()).toBe(2)
    expect(world.logged).toContain('background.failed')
  })

  test('keeps a dead message that the dead-letter queue does not take, and buries it after a backoff', async () => {
    await using world = await openWorld(async () => new Response(null, { status: 422 }))
    await world.queue.send(message(1))
    world.aws.failNext(1, 403, 'SendMessage')
    await world.pass(0)
    expect([world.letters(), world.depth()]).toEqual([[], 1])
    await world.pass(60)
    expect(world.depth()).toBe(0)
    expect(world.letters()).toMatchObject([{ message: message(1), reason: 'HTTP 422', deliveries: 2 }])
  })

  test.each([
    ['a body that is not JSON', 'nothing of ours', 'nothing of ours'],
    ['JSON of another shape', '{"claim":1}', { claim: 1 }],
  ])('buries %s with a reason', async (_, body, expected) => {
    await using world = await openWorld(async () => new Response())
    const [record] = await world.sendRaw(body)
    await consumeSqsEvent(world.platform, { Records: record === undefined ? [] : [record] }, world.queues)
    expect(world.deliveries()).toBe(0)
    expect(world.letters()).toMatchObject([
      { message: expected, reason: 'It is not { function, body }', deliveries: 1 },
    ])
  })

  test('gives back at once what the invocation has no time for', async () => {
    await using world = await openWorld(async () => {
      await world.clock.advance(41_000)
      return new Response()
    })
    for (const claim of [1, 2]) await world.queue.send(message(claim))
    const records = world.aws.receive(world.queueUrl, 10)
    const deadline = new Date(world.clock.now().getTime() + 100_000)
    const answered = await consumeSqsEvent({ ...world.platform, deadline }, { Records: records }, world.queues)
    expect(answered.batchItemFailures).toEqual([{ itemIdentifier: records[1]?.messageId }])
    expect([world.deliveries(), world.aws.nextVisibleAt(world.queueUrl)]).toEqual([1, expect.any(Number)])
    world.aws.delete(world.queueUrl, records[0]?.receiptHandle ?? '')
    expect(world.aws.receive(world.queueUrl, 10).map(({ messageId }) => messageId)).toEqual([records[1]?.messageId])
  })

  test('a letter stays a message, however long the reason is', async () => {
    await using world = await openWorld(async () => new Response())
    const letter: DeadLetter = { message: message(1), reason: 'x'.repeat(2_000_000), deliveries: 5, at: '2025-06-27' }
    await world.queues.bury(letter)
    expect(world.letters()).toMatchObject([{ message: message(1), deliveries: 5 }])
  })
})

test('an SQS queue that is away is told as such, with what AWS said and no key', async () => {
  await using world = await openWorld(async () => new Response())
  world.aws.failNext(4, 503)
  const refused = world.queue.send(message(1))
  await expect(refused).rejects.toMatchObject({ code: 'queue_unavailable', retryable: true })
  await expect(refused).rejects.toThrow(/^SendMessage at 127\.0\.0\.1:\d+: HTTP 503 SlowDown$/)
  expect(world.slept.length).toBe(3)
})

/** SQS on loopback, and a poller that hands its messages over as time passes. */
async function openWorld(deliver: Deliver, options: Partial<LoopbackAwsOptions> = {}) {
  const clock = manualClock()
  const slept: number[] = []
  const sleep = async (ms: number, signal?: AbortSignal) => {
    if (signal !== undefined) return await clock.sleep(ms, signal) // waiting for an answer
    slept.push(ms)
  }
  const aws = await loopbackAws({
    clock,
    queues: {
      helix: { visibilitySeconds: 900, deadLetters: { queue: 'helix-dead', maxReceiveCount: 1_000 } },
      'helix-dead': {},
    },
    ...options,
  })
  const config = parseAwsConfig(aws.environment({ queue: 'helix', deadLetters: 'helix-dead', bucket: 'helix-files' }))
  const queues = sqsQueues({ config, clock: { ...clock, sleep }, random: () => 1 })
  const logged: string[] = []
  let deliveries = 0
  const platform = {
    clock,
    random: () => 1,
    deadline: null,
    stopping: new AbortController().signal,
    log: (event: string) => logged.push(event),
    dispatch: async (given: { function: string; body: unknown }) => {
      deliveries++
      return await deliver(given as Message)
    },
  }
  const queueUrl = config.queueUrl
  const pass = async (seconds: number) => {
    const untilMs = clock.now().getTime() + seconds * 1_000
    for (;;) {
      const handed = await deliverBatch(aws, queueUrl, (event) => consumeSqsEvent(platform, event, queues))
      const next = handed > 0 ? clock.now().getTime() : (aws.nextVisibleAt(queueUrl) ?? Number.POSITIVE_INFINITY)
      await clock.advance(Math.min(Math.max(next, clock.now().getTime()), untilMs) - clock.now().getTime())
      if (next > untilMs) return
    }
  }
  return {
    aws,
    clock,
    slept,
    logged,
    queues,
    queue: queues.queue,
    queueUrl,
    platform,
    pass,
    deliveries: () => deliveries,
    depth: () => aws.queueDepth(queueUrl),
    letters: () => aws.letters(config.deadLetterQueueUrl),
    async sendRaw(body: string) {
      await queues.queue.send(message(1))
      return aws.receive(queueUrl, 1).map((record) => ({ ...record, body }))
    },
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  }
}

function message(claim: number): Message {
  return { function: 'qa-generation', body: { execution_id: 'task_20250627_143052_step_qa_generation', claim } }
}
