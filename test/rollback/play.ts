import { STEPS } from '../../shared/engine/pipeline.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { cleanUp } from '../../shared/ops/dirty-data/cleanup.ts'
import { rollBackCleanup } from '../../shared/ops/dirty-data/rollback.ts'
import { scan } from '../../shared/ops/dirty-data/scan.ts'
import { type Random, seededRandom } from '../../shared/platform/random.ts'
import { executionOf, filesOf, imageOfFiles, imageOfStore, insertCompletedTask } from '../support/dirty-data-kit.ts'
import { clearStore } from '../support/store-factory.ts'
import type { TestPlatform } from '../support/test-platform.ts'

export interface Outcome {
  readonly seed: number
  /** How many clean-ups were executed and undone again. */
  readonly cleanups: number
  /** What went wrong, with its evidence; empty when nothing did. */
  readonly violations: readonly string[]
}

const DAMAGES_MAX = 5
const TASKS = ['task_20250627_140000', 'task_20250627_140001', 'task_20250627_140002']
const BY = { by: 'tester' }

type Damage = (platform: TestPlatform, taskId: string, random: Random) => Promise<unknown>

/** Anything that may befall a task from outside. */
const DAMAGES: readonly Damage[] = [
  ({ files }, taskId, random) => files.delete([`${taskId}/${pick(filesOf(taskId), random)[1]}`]),
  ({ files }, taskId, random) => files.put(`${taskId}/${pick(filesOf(taskId), random)[1]}`, `changed ${random()}`),
  ({ files }, taskId, random) => files.put(`${taskId}/stray_${Math.floor(random() * 3)}.txt`, `stray ${random()}`),
  ({ store }, taskId, random) =>
    store.query('delete from data_pipeline_task_outputs where task_id = $1 and file_name = $2', [
      taskId,
      pick(filesOf(taskId), random)[1],
    ]),
  change(() => `status = 'failed', error_code = 'llm_failed'`),
  change((random) => `attempt = ${Math.floor(random() * 9)}`),
  change(() => `error_message = null, execution_result = '{"n": 1.10}'`),
  change((random) => `progress = 0.1, claim = ${Math.floor(random() * 99)}`),
  ({ store }, taskId) =>
    store.query(
      `update data_pipeline_task_executions
          set status = 'running', completed_at = null, lease_owner = 'gone:1', lease_expires_at = '2025-06-27T06:00:30.123456Z'
        where execution_id = $1`,
      [executionOf(taskId, 'training_load')],
    ),
  ({ store }, taskId) => store.query(`update data_pipeline_tasks set status = 'in_progress' where id = $1`, [taskId]),
  ({ store }, taskId) =>
    store.query(
      `update data_pipeline_tasks set step_status = step_status || '{"sql_validation": "running"}' where id = $1`,
      [taskId],
    ),
  ({ store }, taskId) => store.query('delete from task_checkpoints where task_id = $1', [taskId]),
  ({ store }, taskId) => store.query('delete from data_pipeline_tasks where id = $1', [taskId]),
]

function change(columns: (random: Random) => string): Damage {
  return ({ store }, taskId, random) => {
    const id = executionOf(taskId, pick(STEPS, random))
    return store.query(`update data_pipeline_task_executions set ${columns(random)} where execution_id = $1`, [id])
  }
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T
}

/** Damages some tasks, cleans up what is dirty and undoes it in any order. Another seed is another case. */
export async function playCase(platform: TestPlatform, seed: number): Promise<Outcome> {
  const random = seededRandom(seed)
  const violations: string[] = []
  await prepare(platform)
  const damages = 1 + Math.floor(random() * DAMAGES_MAX)
  for (let count = 0; count < damages; count++) await pick(DAMAGES, random)(platform, pick(TASKS, random), random)
  const before = await imageOf(platform)
  const dirty = [...new Set((await scan(platform, BY)).findings.map(({ taskId }) => taskId))]
  const cleanups: string[] = []
  for (const taskId of dirty) {
    const { id, verified, skipped } = await cleanUp(platform, { taskId, execute: true, ...BY })
    if (verified !== true) violations.push(`the clean-up of ${taskId} is not verified`)
    if (skipped.length > 0) violations.push(`the clean-up of ${taskId} skipped ${JSON.stringify(skipped)}`)
    cleanups.push(id)
  }
  const left = (await scan(platform, BY)).findings
  if (left.length > 0) violations.push(`still dirty: ${JSON.stringify(left)}`)
  const clean = TASKS.filter((id) => !dirty.includes(id))
  const isClean = (line: string) => clean.some((id) => line.includes(id))
  violations.push(...differences('touched', before.filter(isClean), (await imageOf(platform)).filter(isClean)))
  // In any order: each is about its own task.
  for (const cleanupId of cleanups.toSorted(() => random() - 0.5)) {
    await rollBackCleanup(platform, { cleanupId, ...BY }).catch((error: unknown) => violations.push(String(error)))
  }
  violations.push(...differences('not undone', before, await imageOf(platform)))
  return { seed, cleanups: cleanups.length, violations }
}

async function prepare(platform: TestPlatform): Promise<void> {
  await clearStore(platform.store)
  await platform.files.delete((await platform.files.list('')).files.map(({ key }) => key))
  for (const id of TASKS) await insertCompletedTask(platform, id)
}

/** Every row, in order, and every file: each with its hash, beneath what it is called by. */
async function imageOf(platform: TestPlatform): Promise<string[]> {
  const rows = await imageOfStore(platform.store)
  const files = Object.entries(await imageOfFiles(platform)).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const hashed = [...rows.map((row) => [row, row] as const), ...files]
  return await Promise.all(hashed.map(async ([name, content]) => `${await sha256(content)} ${name}`))
}

function differences(what: string, before: readonly string[], after: readonly string[]): string[] {
  const was = new Set(before)
  const is = new Set(after)
  const found = [
    ...before.filter((line) => !is.has(line)).map((line) => `${what}: − ${line}`),
    ...after.filter((line) => !was.has(line)).map((line) => `${what}: + ${line}`),
  ]
  if (found.length === 0 && before.join('\n') !== after.join('\n')) return [`${what}: the order of rows`]
  return found
}
