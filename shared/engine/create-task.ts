import { localTime, timestampId } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'
import { saveOutputs } from './outputs.ts'
import { STEPS } from './pipeline.ts'
import { TASK_COLUMNS, type Task, type TaskParameters, type TaskRow, taskOf } from './task.ts'
import { outputOfText } from './task-files.ts'
import type { StepStatuses } from './transitions.ts'

export interface NewTask {
  readonly taskType: string
  readonly parameters: TaskParameters
  readonly createdBy: string
  readonly priority: number
  readonly concurrencyKey: string
  readonly idempotencyKey: string | null
  /** `manual` for runs from the command line. */
  readonly idPrefix: 'task' | 'manual'
  readonly executionMode: 'step' | 'complete'
}

const SAME_SECOND_MAX = 100_000 // far more than one second can create; the loop must end

const NEXT_NUMBER = `
  select count(*)::int + 1 as number
    from data_pipeline_tasks
   where id = $1 or id like $2`

const INSERT_TASK = `
  insert into data_pipeline_tasks
         (id, task_type, status, parameters, step_status, output_directory, created_at, created_by, db_name,
          business_context, priority, concurrency_key, idempotency_key)
  values ($1, $2, 'pending', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict (id) do nothing
  returning ${TASK_COLUMNS}`

/**
 * Inserts a task and writes its `task_config.json`, in the caller's transaction: where the file can't be written, there is no task.
 * @throws {Problem} `files_unavailable`
 */
export async function createTask(platform: Platform, tx: Queryable, request: NewTask): Promise<Task> {
  const task = await insertTask(platform, tx, request)
  const config = taskConfig(task, request, platform)
  const text = `${JSON.stringify(config, null, 2)}\n`
  await platform.files.put(`${task.id}/task_config.json`, text)
  const output = await outputOfText('task_config.json', 'json', text, 'Task configuration')
  const log = {
    ...output,
    fileName: 'data_pipeline.log',
    fileType: 'log',
    size: 0,
    hash: null,
    description: 'Log',
  } as const
  await saveOutputs(tx, task.id, null, [output, log], task.createdAt)
  return task
}

async function insertTask(platform: Platform, tx: Queryable, request: NewTask): Promise<Task> {
  const now = platform.clock.now()
  const base = `${request.idPrefix}_${timestampId(now, platform.clock.timeZone)}`
  const { rows: counted } = await tx.query<{ number: number }>(NEXT_NUMBER, [
    base,
    `${base.replaceAll('_', '\\_')}\\_%`,
  ])
  for (let number = counted[0]?.number ?? 1; number < SAME_SECOND_MAX; number += 1) {
    const id = number === 1 ? base : `${base}_${number}`
    const { rows } = await tx.query<TaskRow>(INSERT_TASK, [
      id,
      request.taskType,
      JSON.stringify(request.parameters),
      JSON.stringify(initialSteps(request.parameters)),
      `${platform.files.root}/${id}`,
      now,
      request.createdBy,
      request.parameters.db_name,
      request.parameters.business_context ?? null,
      request.priority,
      request.concurrencyKey,
      request.idempotencyKey,
    ])
    if (rows[0] !== undefined) return taskOf(rows[0])
  }
  throw new Problem('internal', `Cannot find a free id for a task created at ${base}`)
}

function initialSteps(parameters: TaskParameters): StepStatuses {
  const steps = Object.fromEntries(STEPS.map((step) => [step, 'pending'])) as Record<
    (typeof STEPS)[number],
    StepStatuses['ddl_generation']
  >
  if (!parameters.enable_sql_validation) steps.sql_validation = 'skipped'
  if (!parameters.enable_training_data_load) steps.training_load = 'skipped'
  return steps
}

/** `task_config.json`: what was asked, passwords masked. */
function taskConfig(task: Task, request: NewTask, platform: Platform): Record<string, unknown> {
  const { source, ...parameters } = request.parameters
  return {
    task_id: task.id,
    task_type: task.taskType,
    created_at: localTime(task.createdAt, platform.clock.timeZone),
    parameters: {
      db_connection: source.kind === 'inline' ? source.shown : { name: source.name, password: '******' },
      ...parameters,
      table_list: parameters.table_list ?? [],
      output_dir: task.outputDirectory,
      execution_mode: request.executionMode,
      single_step: null,
      llm_config: platform.llm === null ? null : { model: platform.llm.model },
    },
  }
}
