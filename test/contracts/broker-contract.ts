import { describe, expect, test } from 'vitest'
import type { BrokerOptions } from '../../local/queue/broker.ts'
import type { BrokerEvent } from '../../local/queue/events.ts'
import type { MessageFault } from '../../local/queue/message-faults.ts'
import type { Broker, BrokerDelivery } from '../../local/queue/port.ts'
import type { Message } from '../../shared/platform/queue.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'

const VISIBILITY_MS = 60_000

type Opening = Pick<BrokerOptions, 'clock' | 'random' | 'log'> & Partial<BrokerOptions>

/** What the broker promises, wherever it keeps its messages. @param open a broker with nothing in it */
export function brokerContract(name: string, open: (options: Opening) => Promise<Broker>): void {
  async function opened(options: Partial<BrokerOptions> = {}) {
    const clock: ManualClock = manualClock()
    const broker = await open({
      clock,
      random: () => 0.5,
      log: () => undefined,
      visibilityMs: VISIBILITY_MS,
      ...options,
    })
    return { broker, clock }
  }

  describe(`broker contract: ${name}`, () => {
    test('hands out the oldest first, each to one consumer at a time', async () => {
      const { broker } = await opened()
      for (const claim of [1, 2, 3, 4]) await broker.send(messageOf(claim))
      const first = await broker.receive(3)
      const second = await broker.receive(3)
      expect([claimsOf(first), claimsOf(second), await broker.receive()]).toEqual([[1, 2, 3], [4], []])
      expect((await broker.peek()).map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'in_flight'))
    })

    test('forgets what is acknowledged, and that alone', async () => {
      const { broker } = await opened()
      for (const claim of [1, 2]) await broker.send(messageOf(claim))
      const [first] = await broker.receive(2)
      expect([await broker.ack(held(first)), await broker.depth()]).toEqual([true, 1])
      expect((await broker.peek()).map(({ body }) => body.claim)).toEqual([2])
    })

    test('hands out again what nobody answered, and refuses the answer that comes late', async () => {
      const { broker, clock } = await opened()
      await broker.send(messageOf(1))
      const [slow] = await broker.receive()
      await clock.advance(VISIBILITY_MS - 1)
      expect(await broker.receive()).toEqual([])
      await clock.advance(1)
      expect([await broker.ack(held(slow)), await broker.later(held(slow), 0), await broker.depth()]).toEqual([
        false,
        false,
        1,
      ])
      const [again] = await broker.receive()
      expect([again?.attempt, again?.deliveries, await broker.bury(held(slow), 'late')]).toEqual([1, 2, false])
      expect([await broker.ack(held(again)), await broker.depth(), broker.counts().refused]).toEqual([true, 0, 3])
    })

    test('refuses a second answer to the same delivery', async () => {
      const { broker } = await opened()
      await broker.send(messageOf(1))
      const [delivery] = await broker.receive()
      expect(await broker.later(held(delivery), 5_000)).toBe(true)
      expect([await broker.ack(held(delivery)), await broker.depth()]).toEqual([false, 1])
    })

    test('does not count being told later as a failed try, and still knows the deliveries', async () => {
      const { broker, clock } = await opened({ attemptsMax: 2 })
      await broker.send(messageOf(1))
      for (let turn = 0; turn < 7; turn++) {
        const [delivery] = await broker.receive()
        await broker.later(held(delivery), 1_000)
        expect(await broker.receive()).toEqual([])
        await clock.advance(1_000)
      }
      const [delivery] = await broker.receive()
      expect([delivery?.attempt, delivery?.deliveries]).toEqual([0, 8])
      await broker.fail(held(delivery), 'HTTP 500', 1_000)
      expect(await broker.peek()).toMatchObject([{ state: 'later', attempt: 1, deliveries: 8, reason: 'HTTP 500' }])
    })

    test('backs off between failures, and keeps what failed for the last time with its reason', async () => {
      const { broker, clock } = await opened({ attemptsMax: 3, random: () => 1 })
      await broker.send(messageOf(1))
      for (const waitMs of [1_000, 2_000]) {
        const [delivery] = await broker.receive()
        await broker.fail(held(delivery), 'HTTP 500')
        await clock.advance(waitMs - 1)
        expect(await broker.receive()).toEqual([])
        await clock.advance(1)
      }
      const [last] = await broker.receive()
      await broker.fail(held(last), 'HTTP 502')
      expect(await broker.dead()).toMatchObject([
        { message: messageOf(1), reason: 'HTTP 502', attempt: 3, deliveries: 3, at: clock.now() },
      ])
      expect([await broker.depth(), await broker.nextVisibleAt()]).toEqual([0, null])
    })

    test('buries what its consumers never answer', async () => {
      const { broker, clock } = await opened({ attemptsMax: 2 })
      await broker.send(messageOf(1))
      for (let turn = 0; turn < 2; turn++) {
        expect((await broker.receive()).length).toBe(1)
        await clock.advance(VISIBILITY_MS)
      }
      expect(await broker.receive()).toEqual([])
      expect(await broker.dead()).toMatchObject([{ reason: 'No answer within 60 s', attempt: 2 }])
    })

    test('starts a dead message again at attempt 0, one or all', async () => {
      const { broker } = await opened()
      for (const claim of [1, 2, 3]) await broker.send(messageOf(claim))
      for (const delivery of await broker.receive(3)) await broker.bury(delivery, 'HTTP 422')
      const [, second] = await broker.dead()
      expect([await broker.redrive(second?.id), await broker.redrive('999999')]).toEqual([1, 0])
      const [again] = await broker.receive(9)
      expect([again?.message.body.claim, again?.attempt, again?.deliveries]).toEqual([2, 0, 2])
      expect([await broker.redrive(), (await broker.receive(9)).length, await broker.dead()]).toEqual([2, 2, []])
    })

    test('forgets everything when it is purged', async () => {
      const { broker } = await opened()
      for (const claim of [1, 2]) await broker.send(messageOf(claim))
      for (const delivery of await broker.receive()) await broker.bury(delivery, 'HTTP 422')
      expect([await broker.purge(), await broker.peek(), await broker.depth()]).toEqual([2, [], 0])
    })

    test('tells when the next message comes', async () => {
      const { broker, clock } = await opened()
      await broker.send(messageOf(1), 30)
      await broker.send(messageOf(2), 10)
      const inMs = async () => ((await broker.nextVisibleAt())?.getTime() ?? 0) - clock.now().getTime()
      expect(await inMs()).toBe(10_000)
      await clock.advance(10_000)
      await broker.receive()
      expect(await inMs()).toBe(20_000)
    })

    test('is idle when nothing is ready or in flight, whatever comes later', async () => {
      const { broker } = await opened()
      await broker.send(messageOf(1), 60)
      await broker.idle()
      await broker.send(messageOf(2))
      let idle = false
      const waiting = broker.idle().then(() => {
        idle = true
      })
      const [delivery] = await broker.receive()
      expect(idle).toBe(false)
      await broker.ack(held(delivery))
      await waiting
      expect([idle, await broker.depth()]).toEqual([true, 1])
    })

    test('carries what JSON makes of a message, byte for byte', async () => {
      const { broker } = await opened()
      const message = { function: 'f', body: { execution_id: '区\u0000"\\u0000', claim: 1, b: 1, a: [1.5, null] } }
      await broker.send(message)
      const [delivery] = await broker.receive()
      expect(JSON.stringify(delivery?.message)).toBe(JSON.stringify(message))
    })

    test('loses, doubles, delays and reorders what is sent, as it is told', async () => {
      const script: MessageFault[] = [{}, { drop: true }, { duplicate: true }, { delayMs: 2_000 }, { reorder: true }]
      const { broker, clock } = await opened({
        faults: { decide: (at) => (at === 'send' ? (script.shift() ?? {}) : {}) },
      })
      for (const claim of [1, 2, 3, 4, 5]) await broker.send(messageOf(claim))
      const now = await broker.receive(9)
      expect([claimsOf(now), new Set(now.map(({ id }) => id)).size]).toEqual([[5, 1, 3, 3], 4])
      await clock.advance(2_000)
      expect(claimsOf(await broker.receive(9))).toEqual([4])
      expect(broker.counts()).toMatchObject({ sent: 4, lost: 1, duplicated: 1, delayed: 1, reordered: 1, delivered: 5 })
    })

    test('loses, doubles, delays and reorders what is delivered, as it is told', async () => {
      const script: MessageFault[] = [{}, { drop: true }, { duplicate: true }, { delayMs: 2_000 }, { reorder: true }]
      const { broker, clock } = await opened({
        faults: { decide: (at) => (at === 'delivery' ? (script.shift() ?? {}) : {}) },
      })
      for (const claim of [1, 2, 3, 4, 5]) await broker.send(messageOf(claim))
      expect(claimsOf(await broker.receive(5))).toEqual([5, 1, 3])
      expect(claimsOf(await broker.receive(5))).toEqual([3])
      await clock.advance(2_000)
      const [delayed] = await broker.receive(5)
      expect([delayed?.message.body.claim, delayed?.attempt, await broker.depth()]).toEqual([4, 0, 5])
      expect(broker.counts()).toMatchObject({ sent: 5, lost: 1, duplicated: 1, delayed: 1, reordered: 1 })
    })

    test('doubles only the first delivery of a message, so that what keeps failing does not multiply', async () => {
      let doubling = false
      const { broker, clock } = await opened({
        faults: { decide: (at) => ({ duplicate: at === 'delivery' && doubling }) },
      })
      await broker.send(messageOf(1))
      await broker.later(held((await broker.receive())[0]), 0)
      doubling = true
      for (let turn = 0; turn < 4; turn++) {
        for (const delivery of await broker.receive(9)) await broker.later(delivery, 1_000)
        await clock.advance(1_000)
      }
      expect([broker.counts().duplicated, broker.counts().delivered, await broker.depth()]).toEqual([0, 5, 1])
    })

    test('tells what happens, to whoever listens', async () => {
      const { broker } = await opened()
      const events: BrokerEvent[] = []
      const deaf = broker.onEvent((event) => events.push(event))
      await broker.send(messageOf(1))
      const [delivery] = await broker.receive()
      await broker.bury(held(delivery), 'HTTP 422')
      await broker.redrive()
      deaf()
      await broker.purge()
      const told = { function: 'qa-generation', executionId: 'task_1_step_qa_generation' }
      expect(events).toMatchObject([
        { kind: 'sent', ...told },
        { kind: 'delivered', deliveries: 1, ...told },
        { kind: 'dead', reason: 'HTTP 422', ...told },
        { kind: 'redriven', attempt: 0, ...told },
      ])
    })
  })
}

/** What was handed out; a test that got nothing has failed. */
function held(delivery: BrokerDelivery | undefined): BrokerDelivery {
  if (delivery === undefined) throw new Error('Nothing was handed out')
  return delivery
}

function claimsOf(deliveries: readonly BrokerDelivery[]): number[] {
  return deliveries.map(({ message }) => message.body.claim)
}

function messageOf(claim: number): Message {
  return { function: 'qa-generation', body: { execution_id: 'task_1_step_qa_generation', claim } }
}
