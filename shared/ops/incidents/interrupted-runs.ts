import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf } from '../../engine/execution.ts'
import { sendMessages } from '../../engine/messages.ts'
import { lockSchedule } from '../../engine/schedule.ts'
import { resumeTask } from '../../engine/start-run.ts'
import { lockTask } from '../../engine/task.ts'
import { taskLanguage } from '../../engine/task-language.ts'
import { firstUnfinishedStep, type StepStatuses } from '../../engine/transitions.ts'
import { jsonbText } from '../../platform/jsonb-text.ts'
import type { Platform } from '../../platform/platform.ts'
import type { ProblemCode } from '../../platform/problems.ts'
import type { StoredSource } from '../../platform/source-ref.ts'
import type { Queryable } from '../../platform/store.ts'
import { degradedOperation } from '../errors/error-budgets.ts'
import type { RepairGuard } from './repair.ts'

/** What was away when a run failed with such a code; null where only the message tells. */
const OPERATIONS: Partial<Record<ProblemCode, 'source' | 'llm' | 'embedding' | 'files' | null>> = {
  source_unreachable: 'source',
  source_refused: 'source',
  llm_failed: 'llm',
  embedding_failed: 'embedding',
  files_unavailable: 'files',
  component_degraded: null,
}
const CODES = Object.keys(OPERATIONS)

const AGE_MS_MAX = 7 * 24 * 60 * 60_000 // whoever wants an older one has asked for it again by now
const RUNS_MAX = 500 // of one check; the next one sees the rest
const MINUTE_MS = 60_000
/** How long a run rests before it goes on, by how often it was interrupted; after the last of them it is left to a person. */
const RESTS_MS = [0, 10 * MINUTE_MS, 60 * MINUTE_MS, 6 * 60 * MINUTE_MS]

/** A run that an outage has ended. */
export interface InterruptedRun {
  readonly taskId: string
  /** The execution that failed: a task whose newest failure is another one has been gone on with. */
  readonly executionId: string
  /** What was away, as the error budgets name it: `source:shop`, `llm`; of an inline connection `connection:host:port/name`. */
  readonly operation: string
  readonly source: StoredSource
  readonly failedAt: Date
}

// By the index on the status. A task is failed as long as nobody has gone on with it.
const LIST = `
  select t.id as task_id, t.parameters -> 'source' as source, t.parameters ? 'workflow' as of_workflow, t.step_status,
         e.execution_id, e.execution_step as step, e.error_code, e.error_message,
         coalesce(e.completed_at, t.completed_at) as failed_at,
         (select count(distinct past.run_id)::integer
            from data_pipeline_task_executions past
           where past.task_id = t.id and past.status = 'failed' and past.error_code = any($1)) as times
    from data_pipeline_tasks t
   cross join lateral (
         select execution_id, execution_step, error_code, error_message, completed_at
           from data_pipeline_task_executions
          where task_id = t.id and status = 'failed'
          order by id desc
          limit 1) e
   where t.status = 'failed' and t.error_code = any($1) and t.completed_at > $2 and e.error_code = any($1)
   order by t.completed_at, t.id
   limit $3`

interface Row {
  readonly task_id: string
  readonly source: StoredSource
  readonly of_workflow: boolean
  readonly step_status: StepStatuses
  readonly execution_id: string
  readonly step: string
  readonly error_code: ProblemCode
  readonly error_message: string | null
  readonly failed_at: Date
  readonly times: number
}

/** The runs that failed since something was away, and have rested long enough; the oldest first. */
export async function listInterruptedRuns(store: Queryable, now: Date): Promise<InterruptedRun[]> {
  const since = new Date(now.getTime() - AGE_MS_MAX)
  const { rows } = await store.query<Row>(LIST, [CODES, since, RUNS_MAX])
  return rows.filter((row) => isDue(row, now) && isNext(row.of_workflow, row.step_status, row.step)).map(runOf)
}

function isDue({ times, failed_at: failedAt }: Pick<Row, 'times' | 'failed_at'>, now: Date): boolean {
  const restMs = RESTS_MS[times - 1]
  return restMs !== undefined && now.getTime() - failedAt.getTime() >= restMs
}

/** A single step that somebody had executed out of its order is theirs to execute again. */
function isNext(ofWorkflow: boolean, steps: StepStatuses, step: string): boolean {
  return ofWorkflow || firstUnfinishedStep(steps) === step
}

function runOf(row: Row): InterruptedRun {
  const { task_id: taskId, execution_id: executionId, source, failed_at: failedAt, error_message: message } = row
  const named = OPERATIONS[row.error_code] ?? degradedOperation(message ?? '')
  return { taskId, executionId, source, failedAt, operation: named === 'source' ? operationOf(source) : named }
}

function operationOf(source: StoredSource): string {
  if (source.kind !== 'inline') return `source:${source.name}`
  const { host, port, database } = source.shown
  return `connection:${host}:${port}/${database}`
}

const NEWEST_FAILURE = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where task_id = $1 and status = 'failed'
   order by id desc
   limit 1`

const ADD_LINE = `
  insert into data_pipeline_task_logs (task_id, execution_id, log_level, message, step_name, module_name, timestamp, extra_data)
  values ($1, $2, 'INFO', $3, $4, 'Repair', $5, $6)`

/**
 * Goes on with a task that an outage has ended, from its checkpoints, and says so in its log. May be repeated.
 * @returns false where somebody has gone on with it, or deleted it, since that execution failed
 */
export async function resumeRun(
  platform: Platform,
  { taskId, executionId }: Pick<InterruptedRun, 'taskId' | 'executionId'>,
  { incidentId, hold }: Pick<RepairGuard, 'incidentId' | 'hold'>,
): Promise<boolean> {
  const { store, clock, config } = platform
  const messages = await store.transaction(async (tx) => {
    await lockSchedule(tx)
    const task = await lockTask(tx, taskId)
    const failed = await newestFailure(tx, taskId)
    if (task?.status !== 'failed' || failed?.executionId !== executionId) return null
    const steps = new Set(failed.remainingSteps)
    const { execution, messages } = await resumeTask(platform, tx, taskId, { steps, waits: true })
    const { executionId: next, step } = execution
    await hold(tx, { before: { taskId, failed: executionId }, after: { execution: next } })
    const line = {
      zh: `故障已恢复，任务自动从断点继续执行（故障 ${incidentId}）`,
      en: `What was away is back: the task goes on by itself from where it was (incident ${incidentId})`,
    }[taskLanguage(config.HELIX_LANGUAGE, task)]
    await tx.query(ADD_LINE, [taskId, next, line, step, clock.now(), jsonbText({ incident_id: incidentId })])
    return messages
  })
  await sendMessages(platform, messages ?? [])
  return messages !== null
}

async function newestFailure(tx: Queryable, taskId: string): Promise<Execution | null> {
  const { rows } = await tx.query<ExecutionRow>(NEWEST_FAILURE, [taskId])
  return rows[0] === undefined ? null : executionOf(rows[0])
}

const COUNT_LEFT = `
  select count(*)::integer as left
    from data_pipeline_task_executions e
   where e.execution_id = any($1)
     and not exists (select from data_pipeline_task_executions later where later.task_id = e.task_id and later.id > e.id)`

/** Of some failed executions, how many are still the last of their tasks. */
export async function countLeft(store: Queryable, executionIds: readonly string[]): Promise<number> {
  return (await store.query<{ left: number }>(COUNT_LEFT, [executionIds])).rows[0]?.left ?? 0
}
