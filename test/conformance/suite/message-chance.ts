import type { MessageFault, MessageFaults } from '../../../local/queue/message-faults.ts'
import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'

const DROPPED = 0.08
const DOUBLED = 0.3
const DELAYED = 0.3
const DELAY_MS_MAX = 2_000
const REORDERED = 0.3
const PROBE = 'conformance-probe'

/**
 * A network by a seed. What happens to a message depends on its kind and on how many of that kind there were before,
 * and not on what else is under way, so that platforms of different speed are treated alike.
 */
export function messageChance(seed: number): MessageFaults {
  const before = new Map<string, number>()
  return {
    decide(at, { function: name, body }) {
      // Nobody sends a probe again, and its answers follow from how often it is delivered: that is left to the queue.
      const scripted = name === PROBE
      const kind = `${at} ${name} ${scripted ? body.execution_id : ''}`
      const number = (before.get(kind) ?? 0) + 1
      before.set(kind, number)
      const fault = draw(seededRandom(seedOf(`${seed} ${kind} ${number}`)))
      return scripted && at === 'delivery' ? { ...fault, drop: false, duplicate: false } : fault
    },
  }
}

function draw(random: Random): MessageFault {
  const drop = random() < DROPPED
  const duplicate = random() < DOUBLED
  const delayed = random() < DELAYED
  const delayMs = Math.floor(random() * DELAY_MS_MAX)
  return { drop, duplicate, reorder: random() < REORDERED, ...(delayed ? { delayMs } : {}) }
}
