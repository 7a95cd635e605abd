import type { Config } from '../platform/config.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { LEASE_MS } from './lease.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import { saveTask } from './save-task.ts'
import { lockTask } from './task.ts'

export type ConcurrencyMode = Config['HELIX_CONCURRENCY_MODE']

export interface ScheduleRules {
  readonly mode: ConcurrencyMode
  /** Tasks under way at once, in any mode. */
  readonly runningMax: number
}

interface Waiting {
  readonly executionId: string
  readonly taskId: string
  readonly step: StepName
  readonly claim: number
  readonly concurrencyKey: string
}

const WAITING_MAX = 200 // one pass stays short; the next one goes on

// Transaction-scoped, so that it is safe behind a transaction-mode pooler. Whoever lets runs in holds it:
// the limits hold under any number of processes.
const LOCK_SCHEDULE = `
  select pg_advisory_xact_lock(hashtextextended('helix.schedule', 0))`

const ADMITTED_KEYS = `
  select t.concurrency_key
    from data_pipeline_task_executions e
    join data_pipeline_tasks t on t.id = e.task_id
   where e.status in ('queued', 'running') and e.admitted_at is not null`

// In mixed mode only the first of each key can be let in, so only that one is read.
const WAITING = `
  select execution_id, task_id, execution_step, claim, concurrency_key
    from (
      select e.execution_id, e.task_id, e.execution_step, e.claim, t.concurrency_key, t.priority, e.created_at, e.id,
             row_number() over (partition by t.concurrency_key order by t.priority desc, e.created_at, e.id) as place
        from data_pipeline_task_executions e
        join data_pipeline_tasks t on t.id = e.task_id
       where e.status = 'queued' and e.admitted_at is null
    ) waiting
   where place = 1 or $1
   order by priority desc, created_at, id
   limit $2`

// "running" without an owner: promised to the message that is about to be sent; the promise lapses like any lease.
const ADMIT = `
  update data_pipeline_task_executions
     set status = 'running', admitted_at = $2, started_at = coalesce(started_at, $2), lease_owner = null, lease_expires_at = $3
   where execution_id = $1 and status = 'queued' and admitted_at is null
  returning execution_id`

/** Which of the waiting runs may start, best first. */
export function decideAdmissions(
  admittedKeys: readonly string[],
  waiting: readonly Waiting[],
  { mode, runningMax }: ScheduleRules,
): Waiting[] {
  const limit = mode === 'serial' ? 1 : runningMax
  const busy = new Set(admittedKeys)
  const admitted: Waiting[] = []
  for (const candidate of waiting) {
    if (admittedKeys.length + admitted.length >= limit) break
    if (mode === 'mixed' && busy.has(candidate.concurrencyKey)) continue
    busy.add(candidate.concurrencyKey)
    admitted.push(candidate)
  }
  return admitted
}

export function scheduleRules(config: Config): ScheduleRules {
  return { mode: config.HELIX_CONCURRENCY_MODE, runningMax: config.HELIX_MAX_RUNNING_TASKS }
}

/** Holds the schedule until the transaction ends; taken before any task's row. */
export async function lockSchedule(tx: Queryable): Promise<void> {
  await tx.query(LOCK_SCHEDULE)
}

/** How many runs are let in now; the caller holds the schedule. */
export async function countAdmitted(tx: Queryable): Promise<number> {
  return (await tx.query(ADMITTED_KEYS)).rowCount
}

/**
 * Lets waiting runs in while there is room; the caller holds the schedule.
 * @returns the messages to send after commit
 */
export async function admitWaiting(tx: Queryable, rules: ScheduleRules, now: Date): Promise<Message[]> {
  const { rows: keys } = await tx.query<{ concurrency_key: string }>(ADMITTED_KEYS)
  const { rows } = await tx.query<WaitingRow>(WAITING, [rules.mode === 'parallel', WAITING_MAX])
  const admitted = decideAdmissions(
    keys.map((row) => row.concurrency_key),
    rows.map(waitingOf),
    rules,
  )
  const messages: Message[] = []
  for (const run of admitted) {
    const task = await lockTask(tx, run.taskId)
    const { rowCount } = await tx.query(ADMIT, [run.executionId, now, new Date(now.getTime() + LEASE_MS)])
    if (task === null || rowCount === 0) continue
    const stepStatus = { ...task.stepStatus, [run.step]: 'running' as const }
    await saveTask(tx, { ...task, status: 'in_progress', stepStatus, startedAt: task.startedAt ?? now }, now)
    messages.push({ function: PIPELINE[run.step].function, body: { execution_id: run.executionId, claim: run.claim } })
  }
  return messages
}

interface WaitingRow {
  execution_id: string
  task_id: string
  execution_step: StepName
  claim: number
  concurrency_key: string
}

function waitingOf(row: WaitingRow): Waiting {
  return {
    executionId: row.execution_id,
    taskId: row.task_id,
    step: row.execution_step,
    claim: row.claim,
    concurrencyKey: row.concurrency_key,
  }
}
