import { expect, test } from 'vitest'
import { type ManualClock, manualClock } from '../manual-clock.ts'
import { QueueModel, type QueueSettings } from './queue-model.ts'

const CALM = { random: () => 1, shuffle: false, duplicates: 0 }

function openQueue(settings: QueueSettings = {}) {
  const clock: ManualClock = manualClock()
  const buried: string[] = []
  const queue = new QueueModel('helix', settings, { clock, faults: CALM, bury: ({ body }) => buried.push(body) })
  return { clock, queue, buried, pass: (seconds: number) => clock.advance(seconds * 1_000) }
}

test('hides a received message until its visibility timeout ends, and counts how often it was received', async () => {
  const { queue, pass } = openQueue({ visibilitySeconds: 60 })
  queue.send('a')
  expect(queue.receive(10).map(({ body, receives }) => [body, receives])).toEqual([['a', 1]])
  await pass(59)
  expect([queue.receive(10), queue.counts()]).toEqual([[], { visible: 0, inFlight: 1, delayed: 0 }])
  await pass(1)
  expect(queue.receive(10)).toMatchObject([{ receives: 2 }])
})

test('takes an old receipt handle for nothing once the message was received again', async () => {
  const { queue, pass } = openQueue({ visibilitySeconds: 10 })
  queue.send('a')
  const [old] = queue.receive(1)
  await pass(10)
  expect(() => queue.changeVisibility(old?.receiptHandle ?? '', 5)).toThrow('not in flight')
  const [current] = queue.receive(1)
  queue.delete(old?.receiptHandle ?? '')
  expect(queue.bodies()).toEqual(['a'])
  expect(() => queue.changeVisibility(old?.receiptHandle ?? '', 5)).toThrow('does not exist or is not available')
  queue.changeVisibility(current?.receiptHandle ?? '', 0)
  expect(queue.receive(1)).toMatchObject([{ body: 'a', receives: 3 }])
  expect(() => queue.delete('made up')).toThrow('not valid')
})

test('moves a message that was received too often to the dead-letter queue', async () => {
  const { queue, buried, pass } = openQueue({
    visibilitySeconds: 1,
    deadLetters: { queue: 'dead', maxReceiveCount: 3 },
  })
  queue.send('a')
  for (const received of [1, 1, 1, 0]) {
    expect(queue.receive(1).length).toBe(received)
    await pass(1)
  }
  expect([buried, queue.bodies()]).toEqual([['a'], []])
})

test('delays a message, and refuses what SQS refuses', async () => {
  const { queue, pass } = openQueue({ messageBytesMax: 1_024 })
  queue.send('late', 900)
  await pass(899)
  expect([queue.receive(1), queue.counts().delayed]).toEqual([[], 1])
  await pass(1)
  expect(queue.receive(1)).toMatchObject([{ body: 'late' }])
  for (const refused of [
    () => queue.send('a', 901),
    () => queue.send('x'.repeat(1_025)),
    () => queue.send(''),
    () => queue.receive(11),
    () => queue.receive(1, 43_201),
  ]) {
    expect(refused).toThrow()
  }
})
