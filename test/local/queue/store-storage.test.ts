import { afterAll, expect, test } from 'vitest'
import { openBroker } from '../../../local/queue/broker.ts'
import { storeStorage } from '../../../local/queue/store-storage.ts'
import { brokerContract } from '../../contracts/broker-contract.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { openTestStore } from '../../support/test-store.ts'

const store = await openTestStore()
afterAll(() => store.close())

brokerContract('in the store', async (options) => await emptyBroker(options))

test('brokers on one store share its messages, and each message goes to one of them', async () => {
  const [clock, log] = [manualClock(), () => undefined]
  const one = await emptyBroker({ clock, random: () => 0, log })
  const other = openBroker({ clock, random: () => 0, log, storage: storeStorage(() => store) })
  for (let claim = 0; claim < 40; claim++) await one.send({ function: 'f', body: { execution_id: 'e', claim } })
  const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).receive(2)))
  const claims = taken.flat().map(({ message }) => message.body.claim)
  expect(claims.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, claim) => claim))
  const [first] = taken.flat()
  if (first === undefined) throw new Error('Nothing was handed out')
  expect([await other.ack(first), await one.ack(first), await one.depth()]).toEqual([true, false, 39])
})

test('messages outlive the broker that had them, also what was in flight', async () => {
  const [clock, log] = [manualClock(), () => undefined]
  const first = await emptyBroker({ clock, random: () => 0, log, visibilityMs: 60_000 })
  for (const claim of [1, 2]) await first.send({ function: 'f', body: { execution_id: 'e', claim } })
  await first.receive()
  await first.stop()
  const next = openBroker({ clock, random: () => 0, log, storage: storeStorage(() => store) })
  expect((await next.receive(9)).map(({ message }) => message.body.claim)).toEqual([2])
  await clock.advance(60_000)
  expect((await next.receive(9)).map(({ message, attempt }) => [message.body.claim, attempt])).toEqual([[1, 1]])
})

async function emptyBroker(options: Omit<Parameters<typeof openBroker>[0], 'storage'>) {
  const broker = openBroker({ ...options, storage: storeStorage(() => store) })
  await broker.purge()
  return broker
}
