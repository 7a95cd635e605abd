import type { Message } from '../../shared/platform/queue.ts'

/** What happens to one message on its way; nothing when empty. Several may happen at once, except to one that is dropped. */
export interface MessageFault {
  /** It vanishes, and nobody is told. */
  readonly drop?: boolean
  /** A second copy comes, with an id of its own. */
  readonly duplicate?: boolean
  /** It comes that much later. */
  readonly delayMs?: number
  /** It comes before older ones: of all that wait when it is sent, of its batch when it is delivered. */
  readonly reorder?: boolean
}

/** Decides what goes wrong. Asked once for each message that is sent, and once for each delivery. */
export interface MessageFaults {
  decide(at: 'send' | 'delivery', message: Message): MessageFault
}

/** A network on which nothing goes wrong. */
export const NO_MESSAGE_FAULTS: MessageFaults = { decide: () => ({}) }
