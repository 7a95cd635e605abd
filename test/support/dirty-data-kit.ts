import { STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Queryable } from '../../shared/platform/store.ts'
import { insertEvent, insertExecution, insertTask, putOutput } from './store-factory.ts'

const AT = new Date('2025-06-27T06:00:00Z')

/** The files that a task of one table has, with the step that wrote each. */
export function filesOf(
  taskId: string,
  dbName = 'highway_db',
): readonly (readonly [step: StepName | null, name: string])[] {
  return [
    [null, 'task_config.json'],
    ['ddl_generation', 'car.ddl'],
    ['ddl_generation', 'car_detail.md'],
    ['ddl_generation', 'metadata.txt'],
    ['qa_generation', `qs_${dbName}_${taskId}_pair.json`],
    ['qa_generation', 'training_data.jsonl'],
    ['sql_validation', `sql_validation_${taskId}_summary.log`],
    ['sql_validation', 'quality_report.json'],
    ['training_load', `training_load_${taskId}.log`],
    [null, 'task_result.json'],
  ]
}

/** A task that ran to its end, with everything that belongs to it: nothing of it is dirty. @returns its id */
export async function insertCompletedTask(
  platform: Pick<Platform, 'store' | 'files' | 'clock'>,
  id = 'task_20250627_140000',
  createdBy = 'anonymous',
): Promise<string> {
  const { store } = platform
  const stepStatus = Object.fromEntries(STEPS.map((step) => [step, 'completed' as const]))
  await insertTask(store, {
    id,
    status: 'completed',
    stepStatus,
    progress: 100,
    startedAt: AT,
    completedAt: AT,
    createdBy,
  })
  for (const step of STEPS) {
    await insertExecution(store, {
      taskId: id,
      step,
      executionId: executionOf(id, step),
      status: 'completed',
      createdAt: AT,
      completedAt: AT,
      heartbeatAt: AT,
    })
    await insertCheckpoint(store, id, step)
  }
  for (const [step, name] of filesOf(id)) {
    const owner = step === null ? {} : { step, executionId: executionOf(id, step) }
    await putOutput(platform, id, name, `${name} of ${id}\n`, owner)
  }
  await insertEvent(store, id, { status: 'completed' })
  return id
}

export function executionOf(taskId: string, step: StepName): string {
  return `${taskId}_step_${step}_exec_20250627140000`
}

export async function insertCheckpoint(store: Queryable, taskId: string, step: StepName): Promise<void> {
  await store.query(
    `insert into task_checkpoints (task_id, step, item, value, execution_id, claim, created_at)
     values ($1, $2, 'car', '{"rows": 1.50, "text": "车"}', $3, 1, $4)`,
    [taskId, step, executionOf(taskId, step), AT],
  )
}

/** Every row of the tables that a clean-up may touch, in order, as Postgres writes it. */
export async function imageOfStore(store: Queryable): Promise<string[]> {
  const { rows } = await store.query<{ image: string }>(`
    select image from (
      select 1 as n, id::text as k, t::text as image from data_pipeline_tasks t
      union all select 2, execution_id, t::text from data_pipeline_task_executions t
      union all select 3, task_id || file_name, t::text from data_pipeline_task_outputs t
      union all select 4, task_id || step || item, t::text from task_checkpoints t
      union all select 5, task_id || lpad(seq::text, 9), t::text from task_events t
      union all select 6, id::text, t::text from data_pipeline_task_logs t
    ) all_rows order by n, k collate "C"`)
  return rows.map(({ image }) => image)
}

/** Every file below a prefix with its content. */
export async function imageOfFiles(platform: Pick<Platform, 'files'>, prefix = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { key } of (await platform.files.list(prefix)).files) {
    if (key.startsWith('cleanups/')) continue
    const file = await platform.files.get(key)
    if (file !== null) found[key] = await new Response(file.body).text()
  }
  return found
}
