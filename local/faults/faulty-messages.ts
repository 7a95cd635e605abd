import type { MessageFault, MessageFaults } from '../queue/message-faults.ts'
import type { Faults } from './faults.ts'
import type { Chosen } from './points.ts'

/** What goes wrong with messages on their way, for a broker. */
export function faultyMessages(faults: Faults): MessageFaults {
  return { decide: (at) => messageFault(faults.decide(at === 'send' ? 'queue.send' : 'queue.delivery')) }
}

function messageFault({ drop, duplicate, delay, reorder }: Chosen): MessageFault {
  return {
    ...(drop === undefined ? {} : { drop: true }),
    ...(duplicate === undefined ? {} : { duplicate: true }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(reorder === undefined ? {} : { reorder: true }),
  }
}
