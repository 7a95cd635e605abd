import { systemClock } from '../../../local/drivers/system-clock.ts'
import { openBroker } from '../../../local/queue/broker.ts'
import { startConsumer } from '../../../local/queue/consumer.ts'
import type { BrokerCounts } from '../../../local/queue/events.ts'
import type { BrokerDelivery, DeadMessage } from '../../../local/queue/port.ts'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import type { Message } from '../../../shared/platform/queue.ts'
import { seededRandom } from '../../../shared/platform/random.ts'
import { messageChance } from './message-chance.ts'

/** The local runner's broker in the place of a platform's own queue. */
export interface DrivenQueue extends AsyncDisposable {
  counts(): Promise<BrokerCounts>
  depth(): Promise<number>
  dead(): Promise<readonly Pick<DeadMessage, 'message' | 'reason'>[]>
}

/** What the target tells of its functions' doings. */
export interface Drive extends DrivenQueue {
  /** A function sends a message. */
  sent(message: Message, delaySeconds: number): Promise<void>
  /** A function puts a letter into the dead-letter queue. */
  buried(letter: DeadLetter): void
}

/** Hands a batch to the platform's handler. @returns after how many seconds each is to come again, by id; the others are done */
export type Invoke = (batch: readonly BrokerDelivery[]) => Promise<ReadonlyMap<string, number>>

const INVOCATIONS_MAX = 4
const BATCH_SIZE = 5
const BATCH_WAIT_MS = 300
const RETRIES_MAX = 100 // as on both clouds: the functions give up much earlier, and say why

/** A broker on a network by a seed, whose batches go to a platform's handler. */
export function openDrive(seed: number, invoke: Invoke): Drive {
  const [clock, random, log] = [systemClock('UTC'), seededRandom(seed), () => undefined]
  const broker = openBroker({ clock, random, log, faults: messageChance(seed), attemptsMax: RETRIES_MAX })
  const letters: DeadLetter[] = []
  const consumer = startConsumer({
    broker,
    platform: { clock, random, log, dispatch: () => Promise.reject(new Error('The platform dispatches by itself')) },
    concurrency: INVOCATIONS_MAX,
    batchSize: BATCH_SIZE,
    batchWaitMs: BATCH_WAIT_MS,
    invoke: async (batch) => {
      const again = await invoke(batch).catch(() => null)
      for (const delivery of batch) {
        const seconds = again?.get(delivery.id)
        if (again === null) await broker.fail(delivery, 'The invocation failed')
        else if (seconds !== undefined) await broker.fail(delivery, 'Given back', seconds * 1_000)
        else await settle(delivery)
      }
    },
  })
  const settle = async (delivery: BrokerDelivery) => {
    const text = JSON.stringify(delivery.message)
    const place = letters.findIndex(({ message }) => JSON.stringify(message) === text)
    const [letter] = place === -1 ? [] : letters.splice(place, 1)
    if (letter === undefined) await broker.ack(delivery)
    else await broker.bury(delivery, letter.reason)
  }
  return {
    sent: (message, delaySeconds) => broker.send(message, delaySeconds),
    buried: (letter) => void letters.push(letter),
    counts: async () => broker.counts(),
    depth: () => broker.depth(),
    dead: () => broker.dead(),
    async [Symbol.asyncDispose]() {
      await consumer.stop()
      await broker.stop()
    },
  }
}
