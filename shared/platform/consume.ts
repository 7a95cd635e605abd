import * as z from 'zod'
import { outcomeOf } from './http/outcome.ts'
import type { Platform } from './platform.ts'
import { MESSAGE_DELAY_SECONDS_MAX } from './queue.ts'

/** One delivery of a message by a platform's queue. */
export interface Delivery {
  readonly id: string
  /** As it came, parsed from JSON where the platform hands over text. */
  readonly message: unknown
  /** This one included; most platforms also count deliveries that were told "later". */
  readonly deliveries: number
  /** Which try this is, where the platform knows how many have failed before; otherwise each delivery counts as one. */
  readonly attempt?: number
}

/** What a driver is to do with a message, in its platform's own way. */
export type Settlement =
  | { readonly kind: 'done' }
  /** Deliver it again, not before that many seconds (1 to 900). @param failed why this try failed; null for "later" */
  | { readonly kind: 'again'; readonly delaySeconds: number; readonly failed: string | null }

/** A message that nobody could handle, as it lies in the dead-letter queue. */
export interface DeadLetter {
  readonly message: unknown
  readonly reason: string
  readonly deliveries: number
  readonly at: string
}

/** Deliveries after which a failing message is dead. Platforms are set to give up much later, without a reason. */
export const DELIVERIES_MAX = 5

const BACKOFF_BASE_MS = 1_000
const BACKOFF_MS_MAX = 60_000
const TURN_MS_MIN = 60_000 // a step that begins with less would do little more than open its source
const LATER_SECONDS_MIN = 1 // an answer of "later" without a delay must not spin

const Message = z.object({ function: z.string().min(1), body: z.unknown() })

/**
 * Hands a message to its function, and tells by the outcome table what is to become of it. Never throws.
 * @param bury puts a letter into the dead-letter queue; a message whose letter it does not take is delivered again
 */
export async function settle(
  platform: Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random'>,
  delivery: Delivery,
  bury: (letter: DeadLetter) => Promise<void>,
): Promise<Settlement> {
  const { log, clock, random } = platform
  const parsed = Message.safeParse(delivery.message)
  const outcome = parsed.success
    ? outcomeOf(await answerOf(() => platform.dispatch({ function: parsed.data.function, body: parsed.data.body })))
    : ({ fate: 'dead', reason: 'It is not { function, body }' } as const)
  const fields = {
    ...(parsed.success ? { function: parsed.data.function } : {}),
    messageId: delivery.id,
    deliveries: delivery.deliveries,
  }
  if (outcome.fate === 'acknowledge') return { kind: 'done' }
  if (outcome.fate === 'fenced') {
    log('message.fenced', fields)
    return { kind: 'done' }
  }
  if (outcome.fate === 'later') {
    const delaySeconds = laterSeconds(outcome.delaySeconds)
    log('message.delayed', { ...fields, delaySeconds })
    return { kind: 'again', delaySeconds, failed: null }
  }
  const attempt = delivery.attempt ?? delivery.deliveries
  const delaySeconds = Math.max(1, Math.ceil(backoffMs(attempt, random) / 1_000))
  if (outcome.fate === 'retry' && attempt < DELIVERIES_MAX) {
    log('message.retried', { ...fields, delaySeconds, reason: outcome.reason })
    return { kind: 'again', delaySeconds, failed: outcome.reason }
  }
  const { message, deliveries } = delivery
  try {
    await bury({ message, reason: outcome.reason, deliveries, at: clock.now().toISOString() })
  } catch (cause) {
    log('background.failed', { what: 'bury message', messageId: delivery.id, message: String(cause) })
    return { kind: 'again', delaySeconds, failed: null }
  }
  log('message.dead', { ...fields, reason: outcome.reason })
  return { kind: 'done' }
}

/** Whether an invocation that has several messages may begin with the next; otherwise that is given back unworked. */
export function hasRoom({ deadline, stopping, clock }: Pick<Platform, 'deadline' | 'stopping' | 'clock'>): boolean {
  if (stopping.aborted) return false
  return deadline === null || deadline.getTime() - clock.now().getTime() >= TURN_MS_MIN
}

/** What a function answers, or what it throws. */
export async function answerOf(call: () => Promise<Response>): Promise<Response | Error> {
  try {
    return await call()
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown))
  }
}

/** The delay that "later" asks for, within what any platform can wait. */
export function laterSeconds(asked: number): number {
  return Math.min(Math.max(asked, LATER_SECONDS_MIN), MESSAGE_DELAY_SECONDS_MAX)
}

/** A wait between nothing and a limit that doubles with each failure, so that many failures at once do not come back at once. */
export function backoffMs(failures: number, random: () => number): number {
  return Math.ceil(random() * Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** (failures - 1)))
}
