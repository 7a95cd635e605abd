import * as z from 'zod'
import type { Zombie } from '../../shared/ops/zombies/zombies.ts'
import { localTime } from '../../shared/platform/clock.ts'

export const STALE_MINUTES_USUAL = 5
export const MIN_CLAIMS_USUAL = 3
const MINUTES_MAX = 30 * 24 * 60

export const StaleMinutes = z.number().min(0).max(MINUTES_MAX)
export const MinClaims = z.number().int().min(1).max(1_000_000)

export const ZombieView = z.object({
  task_id: z.string(),
  execution_id: z.string(),
  step: z.string(),
  reason: z.enum(['silent', 'taken_again_and_again']),
  silent_minutes: z.number(),
  claims: z.int(),
  attempt: z.int(),
  max_attempts: z.int(),
  lease_owner: z.string().nullable(),
  lease_expires_at: z.string().nullable(),
  last_heartbeat_at: z.string().nullable(),
  started_at: z.string().nullable(),
  error_message: z.string().nullable(),
})

/** As the specification's own script prints it. */
export const ZombiesBody = z.object({ zombie_tasks: z.array(ZombieView), status: z.enum(['clean', 'zombies_found']) })

export function zombiesBody(zombies: readonly Zombie[], now: Date, timeZone: string): z.infer<typeof ZombiesBody> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, timeZone))
  const views = zombies.map(({ execution, lastSeenAt, reason }) => ({
    task_id: execution.taskId,
    execution_id: execution.executionId,
    step: execution.step,
    reason,
    silent_minutes: Math.round((now.getTime() - lastSeenAt.getTime()) / 6_000) / 10,
    claims: execution.claim,
    attempt: execution.attempt,
    max_attempts: execution.maxAttempts,
    lease_owner: execution.leaseOwner,
    lease_expires_at: time(execution.leaseExpiresAt),
    last_heartbeat_at: time(execution.heartbeatAt),
    started_at: time(execution.startedAt),
    error_message: execution.errorMessage,
  }))
  return { zombie_tasks: views, status: views.length === 0 ? 'clean' : 'zombies_found' }
}
