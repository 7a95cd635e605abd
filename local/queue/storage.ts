import type { Message } from '../../shared/platform/queue.ts'

/** A message as it is kept. */
export interface StoredMessage {
  readonly id: string
  readonly message: Message
  readonly inFlight: boolean
  /** Tries that failed so far, by an answer or by silence. */
  readonly attempt: number
  /** How often it was handed out, whatever came of it. */
  readonly deliveries: number
  readonly sentAt: Date
  /** When it may be handed out, next or again. */
  readonly visibleAt: Date
  /** Why its last try failed, or why it is dead. */
  readonly reason: string | null
  /** Null while it lives. */
  readonly diedAt: Date | null
}

/** A message just handed out: its `deliveries` fence off whoever holds it from an earlier delivery. */
export interface TakenMessage extends StoredMessage {
  /** Whoever had it before never answered; counted in `attempt`. */
  readonly lapsed: boolean
}

export interface Taking {
  readonly now: Date
  readonly max: number
  /** Until when they are invisible to others. */
  readonly visibleAt: Date
  /** The reason of a try that nobody answered. */
  readonly lapse: string
}

/** What becomes of a message in flight. */
export type Change =
  | { readonly kind: 'done' }
  /** @param failed why the try failed; null where it does not count as one */
  | { readonly kind: 'again'; readonly visibleAt: Date; readonly failed: string | null }
  /** @param counts whether its last try failed only now */
  | { readonly kind: 'dead'; readonly reason: string; readonly counts: boolean }

export interface StorageCounts {
  readonly ready: number
  readonly inFlight: number
  readonly later: number
  readonly dead: number
}

/** Where a broker keeps its messages. Each method is one atomic step; the order is by `visibleAt`, then by age. */
export interface QueueStorage {
  /** Whether other brokers work on the same messages, and whether they outlive this process. */
  readonly shared: boolean
  /** @returns its id */
  add(message: Message, at: { readonly sentAt: Date; readonly visibleAt: Date }): Promise<string>
  /** Hands out what is visible, also what somebody holds past its time. */
  take(taking: Taking): Promise<readonly TakenMessage[]>
  /** @returns false, and changes nothing, when that delivery is not the latest or has become visible again */
  settle(held: Pick<StoredMessage, 'id' | 'deliveries'>, now: Date, change: Change): Promise<boolean>
  /** When the first living message becomes visible, or became so; null when there is none. */
  nextVisibleAt(): Promise<Date | null>
  counts(now: Date): Promise<StorageCounts>
  /** Living messages in the order in which they come, then dead ones, the oldest death first. */
  list(): Promise<readonly StoredMessage[]>
  /** Makes a dead message, or all, ready again with no try behind it. */
  revive(id: string | null, now: Date): Promise<readonly StoredMessage[]>
  /** Forgets everything. @returns how many there were */
  clear(): Promise<number>
}

/** Dead messages that are kept; the newest are. */
export const DEAD_MAX = 1_000
