import type { Random } from '../platform/random.ts'
import { backoffMs } from './backoff.ts'
import type { Execution } from './execution.ts'

export type RescueDecision =
  | { readonly kind: 'leave' }
  /** Its message was lost, or never sent: send it again. */
  | { readonly kind: 'resend' }
  | { readonly kind: 'requeue'; readonly delayMs: number }
  | { readonly kind: 'fail' }
  | { readonly kind: 'cancel' }

export const UNCLAIMED_MS_MAX = 30_000 // a message takes seconds; a longer silence means that it is gone

/** What the sweep does with an execution, told from its row alone. */
export function decideRescue(
  execution: Execution,
  now: Date,
  random: Random,
  unclaimedMsMax = UNCLAIMED_MS_MAX,
): RescueDecision {
  if (execution.status === 'queued') return rescueQueued(execution, now, unclaimedMsMax)
  if (execution.status !== 'running') return { kind: 'leave' }
  const lapsed = execution.leaseExpiresAt === null || execution.leaseExpiresAt <= now
  if (!lapsed) return { kind: 'leave' }
  if (execution.cancelRequestedAt !== null) return { kind: 'cancel' }
  // Promised to a message or a hand-off, but never taken: nobody has failed yet.
  if (execution.heartbeatAt === null) return { kind: 'resend' }
  const attempt = execution.attempt + 1
  if (attempt >= execution.maxAttempts) return { kind: 'fail' }
  // A worker that died says nothing against its work: the first takeover waits no longer than the lease did.
  return { kind: 'requeue', delayMs: attempt === 1 ? 0 : backoffMs(attempt, random) }
}

function rescueQueued(execution: Execution, now: Date, unclaimedMsMax: number): RescueDecision {
  if (execution.cancelRequestedAt !== null) return { kind: 'cancel' }
  if (execution.admittedAt === null) return { kind: 'leave' }
  return now.getTime() - execution.availableAt.getTime() >= unclaimedMsMax ? { kind: 'resend' } : { kind: 'leave' }
}
