import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { openBroker } from '../../../local/queue/broker.ts'
import { startConsumer } from '../../../local/queue/consumer.ts'
import { manualClock } from '../../support/manual-clock.ts'

const RETRIES_MAX = 2
const SLOW = 60_000

/** What a consumer says to a message at one delivery, the last one for ever; `throw` fails the whole batch. */
type Say = 'ack' | 'retry' | 'late' | 'retry-all' | 'throw'

type Batch = readonly (readonly Say[])[]

/** Batches, message by message: each batch is of a queue of its own. */
const BATCHES: readonly (readonly [name: string, batch: Batch])[] = [
  ['what is acknowledged', [['ack'], ['ack']]],
  ['a batch of mixed answers', [['ack'], ['retry', 'ack'], ['late', 'ack'], ['retry', 'retry', 'ack'], ['ack']]],
  ['what is dead after the last retry', [['retry'], ['ack'], ['late']]],
  ['a batch that is given back as a whole', [['retry-all', 'ack'], ['ack'], ['ack']]],
  [
    'a batch whose handler fails',
    [
      ['throw', 'ack'],
      ['throw', 'retry', 'ack'],
    ],
  ],
  ['what makes its handler fail for ever', [['throw']]],
]

const LATE_SECONDS = 1

interface Outcome {
  /** How often each message was delivered, in the order in which they were sent. */
  readonly deliveries: readonly number[]
  /** The messages that died. */
  readonly dead: readonly number[]
  /** Whether what asked for a delay came again too early. */
  readonly early: number
}

/** A Worker that says what its messages tell it to, and writes down what it was given. */
const WORKER = `
  const seen = {}, dead = [], askedAt = {}
  let early = 0
  export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url)
      if (pathname === '/seen') return Response.json({ seen, dead, early })
      await env.QUEUE.sendBatch((await request.json()).map((body) => ({ body })))
      return new Response('ok')
    },
    async queue(batch) {
      if (batch.queue === 'dead') return void dead.push(...batch.messages.map(({ body }) => body.number))
      const said = batch.messages.map((message) => {
        const { number, script } = message.body
        seen[number] = (seen[number] ?? 0) + 1
        if (askedAt[number] !== undefined && Date.now() - askedAt[number] < ${LATE_SECONDS * 1_000}) early++
        return [message, script[Math.min(seen[number], script.length) - 1]]
      })
      if (said.some(([, say]) => say === 'retry-all')) return batch.retryAll()
      for (const [message, say] of said) {
        if (say === 'ack') message.ack()
        if (say === 'retry') message.retry()
        if (say === 'late') { askedAt[message.body.number] = Date.now(); message.retry({ delaySeconds: ${LATE_SECONDS} }) }
      }
      if (said.some(([, say]) => say === 'throw')) throw new Error('the batch fails')
    },
  }`

test.each(BATCHES)(
  'ends as a real queue of Workers ends: %s',
  async (_, batch) => {
    const real = await playOnWorkers(batch)
    expect(await playOnBroker(batch)).toEqual(real)
    expect(real.early).toBe(0)
  },
  SLOW,
)

async function playOnWorkers(batch: Batch): Promise<Outcome> {
  const miniflare = new Miniflare({
    modules: true,
    script: WORKER,
    compatibilityDate: '2026-04-01',
    queueProducers: { QUEUE: { queueName: 'steps' } },
    queueConsumers: {
      steps: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: RETRIES_MAX, deadLetterQueue: 'dead' },
      dead: { maxBatchSize: 10, maxBatchTimeout: 0 },
    },
  })
  try {
    const body = JSON.stringify(batch.map((script, number) => ({ number, script })))
    await miniflare.dispatchFetch('http://worker/', { method: 'POST', body })
    for (;;) {
      const answer = await miniflare.dispatchFetch('http://worker/seen')
      const { seen, dead, early } = (await answer.json()) as {
        seen: Record<string, number>
        dead: number[]
        early: number
      }
      const deliveries = batch.map((_, number) => seen[number] ?? 0)
      if (isOver(batch, deliveries, dead)) return { deliveries, dead: dead.toSorted(), early }
      await systemClock().sleep(50)
    }
  } finally {
    await miniflare.dispose()
  }
}

/** The same consumer on the local broker, whose time is moved by hand. */
async function playOnBroker(batch: Batch): Promise<Outcome> {
  const [clock, random, log] = [manualClock(), () => 0.5, () => undefined]
  const broker = openBroker({ clock, random, log, attemptsMax: RETRIES_MAX + 1 })
  const deliveries = batch.map(() => 0)
  const askedAt = new Map<number, number>()
  let early = 0
  for (const number of batch.keys()) await broker.send({ function: 'f', body: { execution_id: 'e', claim: number } })
  const consumer = startConsumer({
    broker,
    platform: { clock, random, log, dispatch: async () => new Response() },
    concurrency: 1,
    batchSize: 10,
    invoke: async (given) => {
      const nowMs = clock.now().getTime()
      const said = given.map((delivery) => {
        const number = delivery.message.body.claim
        const count = (deliveries[number] ?? 0) + 1
        deliveries[number] = count
        if (nowMs - (askedAt.get(number) ?? 0) < LATE_SECONDS * 1_000) early++
        const script = batch[number] ?? []
        return { delivery, number, say: script[Math.min(count, script.length) - 1] ?? 'ack' }
      })
      const whole = said.some(({ say }) => say === 'throw' || say === 'retry-all')
      for (const { delivery, number, say } of said) {
        const delayMs = say === 'late' && !whole ? LATE_SECONDS * 1_000 : 0
        if (delayMs > 0) askedAt.set(number, nowMs)
        if (say === 'ack' && !whole) await broker.ack(delivery)
        else await broker.fail(delivery, say, delayMs)
      }
    },
  })
  await clock.advance(60_000)
  expect(await broker.depth()).toBe(0)
  const dead = (await broker.dead()).map(({ message }) => message.body.claim)
  await consumer.stop()
  return { deliveries, dead: dead.toSorted(), early }
}

/** Each message has been told to go, or has died. */
function isOver(batch: Batch, deliveries: readonly number[], dead: readonly number[]): boolean {
  return batch.every((script, number) => {
    const last = script[Math.min(deliveries[number] ?? 0, script.length) - 1]
    return dead.includes(number) || last === 'ack'
  })
}
