import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { keptTrace } from '../platform/trace.ts'
import { forgetCheckpoints } from './checkpoints.ts'
import {
  EXECUTION_COLUMNS,
  type Execution,
  type ExecutionRow,
  executionOf,
  findActiveExecution,
  findExecution,
} from './execution.ts'
import { executionIdAt } from './leased.ts'
import { forgetOutputs } from './outputs.ts'
import { isStep, type StepName, stepsAfter } from './pipeline.ts'
import { START, workflowProgress } from './planned-workflow.ts'
import { saveTask, taskRecord } from './save-task.ts'
import { admissionRules, admitWaiting, countAdmitted, lockSchedule } from './schedule.ts'
import { lockTask, type Task } from './task.ts'
import {
  firstUnfinishedStep,
  restingProgress,
  type StepStatus,
  type StepStatuses,
  unmetDependency,
} from './transitions.ts'

export interface StartedRun {
  readonly execution: Execution
  /** To be sent after commit. */
  readonly messages: readonly Message[]
}

interface NewExecution {
  readonly task: Task
  readonly step: string
  readonly remaining: readonly string[]
  readonly force: boolean
  readonly clean: boolean
}

const INSERT_EXECUTION = `
  insert into data_pipeline_task_executions
         (execution_id, task_id, execution_step, status, run_id, remaining_steps, created_at, available_at, timeout_ms,
          force_executed, clean_previous, priority, concurrency_key)
  values ($1, $2, $3, 'queued', $4, $5, $6, $6, $7, $8, $9, $10, $11)
  returning ${EXECUTION_COLUMNS}`

const SET_TRACE = `
  update data_pipeline_tasks
     set parameters = parameters || jsonb_build_object('trace', $2::jsonb)
   where id = $1`

const FREE_ID = `
  select helix_free_execution_id($1, $2) as id`

/**
 * Starts one step of a task.
 * @throws {Problem} `task_not_found`, `step_running`, `step_dependency_unmet`, `concurrent_task`
 */
export async function startStep(
  platform: Platform,
  tx: Queryable,
  request: { taskId: string; step: StepName; force: boolean; clean: boolean },
): Promise<StartedRun> {
  const task = await lockForStart(platform, tx, request.taskId)
  if (task.parameters.workflow !== undefined) {
    throw new Problem('invalid_request', `Cannot execute ${request.step} of ${task.id}: it runs a workflow of nodes`, {
      hint: 'Resume the task: it goes on with the nodes that are not completed',
    })
  }
  const missing = unmetDependency(request.step, task.stepStatus)
  if (missing !== null && !request.force) {
    throw new Problem(
      'step_dependency_unmet',
      `Cannot execute ${request.step} of ${task.id}: ${missing} is ${task.stepStatus[missing]}`,
      {
        hint: `Execute ${missing} first, or set force_execute`,
      },
    )
  }
  const { step, force, clean } = request
  return await start(platform, tx, { task, step, remaining: [], force, clean })
}

export interface ResumeOptions {
  /** The steps that are to be done, of the pipeline; all that are left when absent. */
  readonly steps?: ReadonlySet<string>
  /** Waits its turn where the schedule has no room, also in `serial` mode. */
  readonly waits?: boolean
}

/**
 * Goes on with a task at its first unfinished step, from its checkpoints.
 * @throws {Problem} `task_not_found`, `step_running`, `task_final` when nothing is left to do, `concurrent_task`
 */
export async function resumeTask(
  platform: Platform,
  tx: Queryable,
  taskId: string,
  { steps, waits = false }: ResumeOptions = {},
): Promise<StartedRun> {
  const task = await lockForStart(platform, tx, taskId, waits)
  if (task.parameters.workflow !== undefined) return await resumeWorkflow(platform, tx, task)
  const step = firstUnfinishedStep(task.stepStatus)
  if (step === null) throw nothingLeft(taskId, 'Execute a single step again with clean_previous, or create a new task')
  const remaining = stepsAfter(step).filter((name) => task.stepStatus[name] !== 'skipped' && steps?.has(name) !== false)
  return await start(platform, tx, { task, step, remaining, force: false, clean: false })
}

function nothingLeft(taskId: string, hint: string): Problem {
  return new Problem('task_final', `Cannot resume ${taskId}: all its steps are completed`, { hint })
}

/** Begins the run again: what is completed stays so, and nodes that failed or were cancelled go on from their checkpoints. */
async function resumeWorkflow(platform: Platform, tx: Queryable, task: Task): Promise<StartedRun> {
  if (task.status === 'completed') throw nothingLeft(task.id, 'Run the workflow again')
  return await start(platform, tx, { task, step: START, remaining: [], force: false, clean: false })
}

async function lockForStart(platform: Platform, tx: Queryable, taskId: string, waits = false): Promise<Task> {
  await lockSchedule(tx)
  const task = await lockTask(tx, taskId)
  if (task === null)
    throw new Problem('task_not_found', `Cannot find task "${taskId}"`, { hint: 'List tasks with `helix tasks`' })
  const active = await findActiveExecution(tx, taskId)
  if (active !== null) {
    throw new Problem(
      'step_running',
      `Cannot start a step of ${taskId}: ${active.step} is ${active.status} (${active.executionId})`,
      {
        hint: 'Wait until it ends, or cancel the task',
        retryAfter: 5,
      },
    )
  }
  if (!waits && platform.config.HELIX_CONCURRENCY_MODE === 'serial' && (await countAdmitted(tx)) > 0) {
    throw new Problem(
      'concurrent_task',
      `Cannot start ${taskId}: another task is running, and HELIX_CONCURRENCY_MODE is serial`,
      {
        retryAfter: 30,
      },
    )
  }
  return task
}

async function start(platform: Platform, tx: Queryable, request: NewExecution): Promise<StartedRun> {
  const now = platform.clock.now()
  const { task, step } = request
  // A failed or cancelled step goes on from its checkpoints; any other is worked from the beginning.
  const goesOn = task.stepStatus[step] === 'failed' || task.stepStatus[step] === 'cancelled'
  if (request.clean || !goesOn) await forgetCheckpoints(tx, task.id, step)
  if (request.clean) await forgetOutputs(tx, task.id, step)
  const execution = await insertExecution(platform, tx, request, now)
  const { workflow } = task.parameters
  const stepStatus = statusesAtStart(task.stepStatus, step)
  const rested = {
    ...task,
    stepStatus,
    progress: workflow === undefined ? restingProgress(stepStatus) : workflowProgress(workflow, stepStatus),
    completedAt: null,
    errorMessage: null,
    errorCode: null,
  }
  const waiting: Task = { ...rested, status: task.status === 'pending' ? 'pending' : 'in_progress', result: null }
  await saveTask(tx, taskRecord(waiting, now, true))
  if (platform.trace !== undefined) await tx.query(SET_TRACE, [task.id, JSON.stringify(keptTrace(platform.trace))])
  const messages = await admitWaiting(tx, admissionRules(platform.config, now))
  const started = (await findExecution(tx, execution.executionId)) ?? execution
  return { execution: started, messages }
}

/** Later steps of the pipeline are to be done again; of a workflow, the nodes that did not come to their end. */
function statusesAtStart(before: StepStatuses, step: string): StepStatuses {
  if (isStep(step)) {
    const later = stepsAfter(step).filter((name) => before[name] !== 'skipped')
    return { ...before, [step]: 'queued', ...Object.fromEntries(later.map((name) => [name, 'pending' as const])) }
  }
  const kept = (status: StepStatus) => status === 'completed' || status === 'skipped'
  return Object.fromEntries(
    Object.entries(before).map(([name, status]) => [name, kept(status) ? status : ('pending' as const)]),
  )
}

async function insertExecution(
  platform: Platform,
  tx: Queryable,
  request: NewExecution,
  now: Date,
): Promise<Execution> {
  const { task, step } = request
  const minutes = task.parameters.step_timeout_minutes ?? platform.config.HELIX_STEP_TIMEOUT_MINUTES
  const executionId = await freeExecutionId(platform, tx, task.id, step, now)
  const { rows } = await tx.query<ExecutionRow>(INSERT_EXECUTION, [
    executionId,
    task.id,
    step,
    executionId,
    request.remaining,
    now,
    minutes * 60_000,
    request.force,
    request.clean,
    task.priority,
    task.concurrencyKey,
  ])
  if (rows[0] === undefined) throw new Problem('internal', `The execution ${executionId} was not inserted`)
  return executionOf(rows[0])
}

/** With `_2`, `_3`, … when that second is taken. The caller holds the task's row. */
async function freeExecutionId(
  platform: Platform,
  tx: Queryable,
  taskId: string,
  step: string,
  now: Date,
): Promise<string> {
  const base = executionIdAt(platform, taskId, step, now)
  const { rows } = await tx.query<{ id: string }>(FREE_ID, [taskId, base])
  return rows[0]?.id ?? base
}
