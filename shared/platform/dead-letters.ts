import type { Message } from './queue.ts'

/** A message that nobody could handle. */
export interface DeadLetter {
  readonly id: string
  readonly message: Message
  readonly reason: string
  /** Tries that failed. */
  readonly attempt: number
  /** How often it was delivered. */
  readonly deliveries: number
  readonly diedAt: Date
}

/** Where dead messages can be asked for. Of the clouds' queues they can't: there one looks into the dead-letter queue itself. */
export interface DeadLetters {
  /** Oldest death first; at most 1,000 are kept. */
  list(): Promise<readonly DeadLetter[]>
  /** Sends one again, with no try behind it. @returns false when there is no such dead message */
  redrive(id: string): Promise<boolean>
}
