import { describe, expect, test } from 'vitest'
import { type BrokerOptions, openBroker } from '../../../local/queue/broker.ts'
import { type ConsumerOptions, startConsumer } from '../../../local/queue/consumer.ts'
import { memoryStorage } from '../../../local/queue/memory-storage.ts'
import type { Message } from '../../../shared/platform/queue.ts'
import { queueContract } from '../../contracts/queue-contract.ts'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'

queueContract('local', async (handle) => {
  const { broker, clock, stop } = open({ handle })
  return {
    queue: broker,
    pass: (seconds) => clock.advance(seconds * 1_000),
    dead: () => broker.dead(),
    close: stop,
  }
})

describe('startConsumer()', () => {
  test('keeps to its concurrency', async () => {
    const work = gate()
    let most = 0
    let now = 0
    const { broker, clock, consumer } = open({
      concurrency: 3,
      handle: async () => {
        now++
        most = Math.max(most, now)
        await work.opened
        now--
        return new Response()
      },
    })
    for (let n = 0; n < 10; n++) await broker.send(MESSAGE)
    await clock.advance(0)
    expect([now, await broker.depth()]).toEqual([3, 10])
    work.open()
    await consumer.idle()
    expect([most, await broker.depth()]).toEqual([3, 0])
  })

  test('delivers again when no answer comes within the visibility timeout, and does not take the late one', async () => {
    const first = gate()
    const { broker, clock, consumer, seen } = open({
      visibilityMs: 60_000,
      handle: async () => {
        if (seen.length === 1) await first.opened
        return new Response()
      },
    })
    await broker.send(MESSAGE)
    await clock.advance(59_000)
    expect([seen.length, clock.sleepers()]).toEqual([1, 1])
    await clock.advance(10_000)
    expect([seen.length, await broker.depth()]).toEqual([2, 0])
    first.open()
    await consumer.idle()
    expect([seen.length, await broker.dead(), clock.sleepers(), broker.counts().refused]).toEqual([2, [], 0, 1])
  })

  test('waits between nothing and a limit that doubles, drawn by chance', async () => {
    const delays: unknown[] = []
    const { broker, clock } = open({ random: () => 1, handle: async () => new Response('x', { status: 500 }) })
    broker.onEvent(({ kind, delayMs }) => {
      if (kind === 'failed') delays.push(delayMs)
    })
    await broker.send(MESSAGE)
    await clock.advance(3_600_000)
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000])
  })

  test('knows how often a message came, and counts only the tries that failed', async () => {
    const answers = [503, 503, 503, 503, 503, 503, 500, 503, 500, 500, 500, 500]
    const { broker, clock, seen } = open({
      handle: async () => {
        const status = answers[seen.length - 1] ?? 200
        return new Response(null, { status, headers: status === 503 ? { 'Retry-After': '1' } : {} })
      },
    })
    await broker.send(MESSAGE)
    await clock.advance(3_600_000)
    const [letter] = await broker.dead()
    expect([seen.length, letter?.attempt, letter?.deliveries, letter?.reason]).toEqual([12, 5, 12, 'HTTP 500'])
  })

  test('stops without delivering what waits, after what is in flight has ended', async () => {
    const work = gate()
    const { broker, clock, consumer, seen } = open({
      concurrency: 1,
      handle: async () => {
        await work.opened
        return new Response()
      },
    })
    for (const claim of [1, 2]) await broker.send(messageOf(claim))
    await broker.send(MESSAGE, 10)
    await clock.advance(0)
    let stopped = false
    const stopping = consumer.stop().then(async () => {
      await broker.stop()
      stopped = true
    })
    await clock.advance(20_000)
    expect([seen, stopped]).toEqual([[1], false])
    work.open()
    await stopping
    await broker.send(MESSAGE)
    await clock.advance(20_000)
    expect([seen, await broker.depth(), clock.sleepers()]).toEqual([[1], 0, 0])
  })

  test('fills a batch for as long as it may wait, and no longer', async () => {
    const batches: number[][] = []
    const { broker, clock } = open({
      batchSize: 3,
      batchWaitMs: 5_000,
      invoke: async (batch) => {
        batches.push(batch.map(({ message }) => message.body.claim))
        for (const one of batch) await broker.ack(one)
      },
    })
    for (const claim of [1, 2]) await broker.send(messageOf(claim))
    await clock.advance(4_999)
    expect(batches).toEqual([])
    await broker.send(messageOf(3))
    await clock.advance(0)
    expect(batches).toEqual([[1, 2, 3]])
    await broker.send(messageOf(4), 2)
    await broker.send(messageOf(5), 4)
    await broker.send(messageOf(6), 9)
    await clock.advance(20_000)
    expect(batches).toEqual([[1, 2, 3], [4, 5], [6]])
  })

  test('settles the messages of a batch one by one', async () => {
    const { broker, clock, seen } = open({
      batchSize: 10,
      handle: async ({ body }) => new Response(null, { status: body.claim === 2 ? 422 : 200 }),
    })
    for (const claim of [1, 2, 3]) await broker.send(messageOf(claim))
    await clock.advance(60_000)
    expect([seen, (await broker.dead()).map(({ message }) => message.body.claim)]).toEqual([[1, 2, 3], [2]])
  })

  test('hands over a copy, so that a sender can change nothing afterwards', async () => {
    const { broker, clock, messages } = open({})
    const body = { execution_id: 'before', claim: 1 }
    await broker.send({ function: 'ddl-generation', body }, 5)
    body.execution_id = 'after'
    await clock.advance(5_000)
    expect(messages[0]?.body.execution_id).toBe('before')
  })

  test('goes on when taking messages has failed', async () => {
    const storage = memoryStorage()
    const take = storage.take.bind(storage)
    let calls = 0
    storage.take = async (taking) => {
      if (++calls === 1) throw new Error('the connection was cut')
      return await take(taking)
    }
    const { broker, clock, seen } = open({ storage })
    await clock.advance(0)
    await broker.send(MESSAGE)
    await clock.advance(1_000)
    expect(seen).toEqual([1])
  })
})

const MESSAGE: Message = messageOf(1)

function messageOf(claim: number): Message {
  return { function: 'qa-generation', body: { execution_id: 'task_1_step_qa_generation', claim } }
}

type Opening = Partial<BrokerOptions & ConsumerOptions> & {
  readonly handle?: (message: Message) => Promise<Response>
}

function open({ handle = async () => new Response(), ...options }: Opening) {
  const clock: ManualClock = manualClock()
  const seen: number[] = []
  const messages: Message[] = []
  const quiet = { clock, random: () => 0.5, log: () => undefined }
  const broker = openBroker({ ...quiet, ...options })
  const dispatch = async (given: { function: string; body: unknown }) => {
    const message = given as Message
    seen.push(message.body.claim)
    messages.push(message)
    return await handle(message)
  }
  const platform = { ...quiet, dispatch, ...(options.random === undefined ? {} : { random: options.random }) }
  const consumer = startConsumer({ concurrency: 4, ...options, broker, platform })
  const stop = async () => {
    await consumer.stop()
    await broker.stop()
  }
  return { broker, clock, consumer, seen, messages, stop }
}

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}
