import type { Config } from '../platform/config.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { LEASE_MS } from './lease.ts'
import { functionOfStep } from './planned-workflow.ts'

/** Who may run, and how long a promise to a message lasts; as the store's functions take it. */
export interface AdmissionRules {
  readonly mode: Config['HELIX_CONCURRENCY_MODE']
  /** Tasks under way at once, in any mode. */
  readonly running_max: number
  readonly at: Date
  readonly promise: Date
}

/** A run that was let in. */
export interface Admitted {
  readonly execution_id: string
  readonly step: string
  readonly claim: number
}

const LOCK_SCHEDULE = `
  select helix_lock_schedule()`

const COUNT_ADMITTED = `
  select count(*)::int as admitted
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null`

const ADMIT = `
  select helix_admit($1, $2, $3, $4) as admitted`

export function admissionRules(config: Config, now: Date): AdmissionRules {
  return {
    mode: config.HELIX_CONCURRENCY_MODE,
    running_max: config.HELIX_MAX_RUNNING_TASKS,
    at: now,
    promise: new Date(now.getTime() + LEASE_MS),
  }
}

/** Holds the schedule until the transaction ends; taken before any task's row. */
export async function lockSchedule(tx: Queryable): Promise<void> {
  await tx.query(LOCK_SCHEDULE)
}

/** How many runs are let in now; the caller holds the schedule. */
export async function countAdmitted(tx: Queryable): Promise<number> {
  return (await tx.query<{ admitted: number }>(COUNT_ADMITTED)).rows[0]?.admitted ?? 0
}

/**
 * Lets waiting runs in while there is room, best first; the caller holds the schedule.
 * @returns the messages to send after commit
 */
export async function admitWaiting(
  tx: Queryable,
  { mode, running_max, at, promise }: AdmissionRules,
): Promise<Message[]> {
  const { rows } = await tx.query<{ admitted: Admitted[] }>(ADMIT, [mode, running_max, at, promise])
  return (rows[0]?.admitted ?? []).map(messageOf)
}

export function messageOf({ execution_id, step, claim }: Admitted): Message {
  return { function: functionOfStep(step), body: { execution_id, claim } }
}
