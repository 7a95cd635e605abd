import { describe, expect, test } from 'vitest'
import { type LocalQueueOptions, localQueue } from '../../local/drivers/local-queue.ts'
import type { Message } from '../../shared/platform/queue.ts'
import { queueContract } from '../contracts/queue-contract.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

queueContract('local', async (deliver) => {
  const { queue, clock } = openQueue({ deliver })
  return {
    queue,
    pass: (seconds) => clock.advance(seconds * 1_000),
    dead: async () => queue.dead(),
    close: () => queue.stop(),
  }
})

describe('localQueue', () => {
  test('keeps to its concurrency', async () => {
    const work = gate()
    let most = 0
    let now = 0
    const { queue } = openQueue({
      concurrency: 3,
      deliver: async () => {
        now++
        most = Math.max(most, now)
        await work.opened
        now--
        return new Response()
      },
    })
    for (let n = 0; n < 10; n++) await queue.send(MESSAGE)
    expect(queue.depth()).toBe(10)
    work.open()
    await queue.idle()
    expect([most, queue.depth()]).toEqual([3, 0])
  })

  test('delivers again when no answer comes within the visibility timeout', async () => {
    const first = gate()
    let deliveries = 0
    const { queue, clock } = openQueue({
      visibilityMs: 60_000,
      deliver: async () => {
        deliveries++
        if (deliveries === 1) await first.opened
        return new Response()
      },
    })
    await queue.send(MESSAGE)
    await clock.advance(59_000)
    expect([deliveries, clock.sleepers()]).toEqual([1, 1])
    await clock.advance(10_000)
    expect([deliveries, queue.depth()]).toEqual([2, 0])
    first.open()
    await queue.idle()
    expect([deliveries, queue.dead(), clock.sleepers()]).toEqual([2, [], 0])
  })

  test('waits between nothing and a limit that doubles, drawn by chance', async () => {
    const delays: unknown[] = []
    const { queue, clock } = openQueue({
      random: () => 1,
      deliveriesMax: 9,
      deliver: async () => new Response('x', { status: 500 }),
      log: (event, fields) => {
        if (event === 'message.retried') delays.push(fields?.delayMs)
      },
    })
    await queue.send(MESSAGE)
    await clock.advance(3_600_000)
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  test('stops without delivering what waits, after what is in flight has ended', async () => {
    const work = gate()
    const seen: number[] = []
    const { queue, clock } = openQueue({
      concurrency: 1,
      deliver: async ({ body }) => {
        seen.push(body.claim)
        await work.opened
        return new Response()
      },
    })
    for (const claim of [1, 2]) await queue.send({ ...MESSAGE, body: { ...MESSAGE.body, claim } })
    await queue.send(MESSAGE, 10)
    await clock.advance(0)
    let stopped = false
    const stopping = queue.stop().then(() => {
      stopped = true
    })
    await clock.advance(20_000)
    expect([seen, stopped, clock.sleepers()]).toEqual([[1], false, 1])
    work.open()
    await stopping
    await queue.send(MESSAGE)
    await clock.advance(20_000)
    expect([seen, queue.depth(), clock.sleepers()]).toEqual([[1], 0, 0])
  })

  test('hands over a copy, so that a sender can change nothing afterwards', async () => {
    const seen: Message[] = []
    const { queue, clock } = openQueue({
      deliver: async (message) => {
        seen.push(message)
        return new Response()
      },
    })
    const body = { execution_id: 'before', claim: 1 }
    await queue.send({ function: 'ddl-generation', body }, 5)
    body.execution_id = 'after'
    await clock.advance(5_000)
    expect(seen[0]?.body.execution_id).toBe('before')
  })
})

const MESSAGE: Message = { function: 'qa-generation', body: { execution_id: 'task_1_step_qa_generation', claim: 1 } }

function openQueue(options: Partial<LocalQueueOptions> & Pick<LocalQueueOptions, 'deliver'>) {
  const clock: ManualClock = manualClock()
  const queue = localQueue({ clock, random: () => 0.5, log: () => undefined, concurrency: 4, ...options })
  return { queue, clock }
}

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}
