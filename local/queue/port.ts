import type { Message, Queue } from '../../shared/platform/queue.ts'
import type { BrokerCounts, BrokerEvent } from './events.ts'

/** A message handed to a consumer, who answers with one of the broker's methods before `visibleAt`. */
export interface BrokerDelivery {
  readonly id: string
  readonly message: Message
  /** Rises with each delivery of a message: an answer with an older one is refused. */
  readonly token: number
  /** Tries that failed before this one. */
  readonly attempt: number
  /** This one included, whatever came of them. */
  readonly deliveries: number
  /** When it is delivered again unless it is answered. */
  readonly visibleAt: Date
}

/** Which delivery an answer is for. */
export type Held = Pick<BrokerDelivery, 'id' | 'token'>

export type MessageState = 'ready' | 'in_flight' | 'later' | 'dead'

/** One message as it stands. */
export interface PeekedMessage {
  readonly id: string
  readonly state: MessageState
  readonly function: string
  readonly body: Message['body']
  readonly attempt: number
  readonly deliveries: number
  readonly sentAt: Date
  /** When it comes, next or again; of a dead one when it died. */
  readonly visibleAt: Date
  readonly reason: string | null
}

/** A message that nobody could handle. */
export interface DeadMessage {
  readonly id: string
  readonly message: Message
  readonly reason: string
  /** Tries that failed. */
  readonly attempt: number
  /** How often it was delivered, also where it was told "later". */
  readonly deliveries: number
  readonly at: Date
}

/**
 * A queue on one machine: a message is ready, then in flight (visible again at, token), then done, later or dead.
 * It has no timers and starts nothing: whoever consumes calls it step by step, so that a simulator can too.
 */
export interface Broker extends Queue {
  /** Hands out what is ready, oldest first, at most `max` of them. */
  receive(max?: number): Promise<readonly BrokerDelivery[]>
  /** The message is done. @returns false when that delivery no longer counts; nothing has changed then */
  ack(held: Held): Promise<boolean>
  /** Not now: it comes again after that delay, and no try has failed. @returns as `ack` */
  later(held: Held, delayMs: number): Promise<boolean>
  /** A try failed: it comes again after a backoff, or is dead after the last one. @returns as `ack` */
  fail(held: Held & Pick<BrokerDelivery, 'attempt'>, reason: string, delayMs?: number): Promise<boolean>
  /** Nobody can handle it. @returns as `ack` */
  bury(held: Held, reason: string): Promise<boolean>
  /** When the first message becomes visible, or became so; null when none lives. */
  nextVisibleAt(): Promise<Date | null>
  /** Every message: the living in the order in which they come, then the dead, the oldest death first. */
  peek(): Promise<readonly PeekedMessage[]>
  dead(): Promise<readonly DeadMessage[]>
  /** Makes a dead message, or all, ready again at attempt 0. @returns how many */
  redrive(id?: string): Promise<number>
  /** Forgets everything. @returns how many there were */
  purge(): Promise<number>
  /** Messages that live: ready, in flight or later. */
  depth(): Promise<number>
  /** Resolves when nothing is ready or in flight. What comes later is not waited for. */
  idle(): Promise<void>
  /** Hands out nothing more. What is kept in this process is forgotten, and what is sent from now on too. */
  stop(): Promise<void>
  /** @returns how to stop listening */
  onEvent(listener: (event: BrokerEvent) => void): () => void
  counts(): BrokerCounts
  /** Whether brokers of other processes work on the same messages. */
  readonly shared: boolean
}
