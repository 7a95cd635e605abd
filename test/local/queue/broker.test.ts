import { expect, test } from 'vitest'
import { openBroker } from '../../../local/queue/broker.ts'
import { seededRandom } from '../../../shared/platform/random.ts'
import { brokerContract } from '../../contracts/broker-contract.ts'
import { manualClock } from '../../support/manual-clock.ts'

brokerContract('in memory', async (options) => openBroker(options))

test('plays the same run for the same seed, and another for another', async () => {
  const [first, again, other] = [await play(1), await play(1), await play(2)]
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

/** A consumer whose every answer is drawn by chance, on a network that is too. */
async function play(seed: number): Promise<unknown> {
  const clock = manualClock()
  const random = seededRandom(seed)
  const faults = {
    decide: () => ({ drop: random() < 0.1, duplicate: random() < 0.2, reorder: random() < 0.2, delayMs: random() * 5 }),
  }
  const broker = openBroker({ clock, random, log: () => undefined, faults, visibilityMs: 1_000 })
  const trace: unknown[] = []
  broker.onEvent((event) => trace.push(event))
  for (let claim = 0; claim < 20; claim++) await broker.send({ function: 'f', body: { execution_id: 'e', claim } })
  for (let turn = 0; turn < 200; turn++) {
    for (const delivery of await broker.receive(1 + Math.floor(random() * 4))) {
      const chance = random()
      if (chance < 0.4) await broker.ack(delivery)
      else if (chance < 0.6) await broker.fail(delivery, 'HTTP 500')
      else if (chance < 0.8) await broker.later(delivery, random() * 100)
    }
    await clock.advance(random() * 300)
  }
  return trace
}
