import { afterAll, beforeAll, expect, test } from 'vitest'
import { STEPS } from '../../../../shared/engine/pipeline.ts'
import { cleanUp } from '../../../../shared/ops/dirty-data/cleanup.ts'
import { rollBackCleanup } from '../../../../shared/ops/dirty-data/rollback.ts'
import { scan } from '../../../../shared/ops/dirty-data/scan.ts'
import { type Random, seededRandom } from '../../../../shared/platform/random.ts'
import {
  executionOf,
  filesOf,
  imageOfFiles,
  imageOfStore,
  insertCompletedTask,
} from '../../../support/dirty-data-kit.ts'
import { clearStore } from '../../../support/store-factory.ts'
import { type TestPlatform, testPlatform } from '../../../support/test-platform.ts'

const CASES = 10 // a thousand by hand take some minutes: raise this number
const SEED = 20250627
const DAMAGES_MAX = 5
const TASKS = ['task_20250627_140000', 'task_20250627_140001', 'task_20250627_140002']

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
afterAll(async () => await platform[Symbol.asyncDispose]())

/** Anything that may befall a task from outside. */
const DAMAGES: readonly ((taskId: string, random: Random) => Promise<unknown>)[] = [
  (taskId, random) => platform.files.delete([`${taskId}/${pick(filesOf(taskId), random)[1]}`]),
  (taskId, random) => platform.files.put(`${taskId}/${pick(filesOf(taskId), random)[1]}`, `changed ${random()}`),
  (taskId, random) => platform.files.put(`${taskId}/stray_${Math.floor(random() * 3)}.txt`, `stray ${random()}`),
  (taskId, random) =>
    platform.store.query('delete from data_pipeline_task_outputs where task_id = $1 and file_name = $2', [
      taskId,
      pick(filesOf(taskId), random)[1],
    ]),
  (taskId, random) => change(taskId, random, `status = 'failed', error_code = 'llm_failed'`),
  (taskId, random) => change(taskId, random, `attempt = ${Math.floor(random() * 9)}`),
  (taskId, random) => change(taskId, random, `error_message = null, execution_result = '{"n": 1.10}'`),
  (taskId, random) => change(taskId, random, `progress = 0.1, claim = ${Math.floor(random() * 99)}`),
  async (taskId) => {
    const step = `status = 'running', completed_at = null, lease_owner = 'gone:1', lease_expires_at = '2025-06-27T06:00:30.123456Z'`
    await platform.store.query(`update data_pipeline_task_executions set ${step} where execution_id = $1`, [
      executionOf(taskId, 'training_load'),
    ])
  },
  (taskId) => platform.store.query(`update data_pipeline_tasks set status = 'in_progress' where id = $1`, [taskId]),
  (taskId) =>
    platform.store.query(
      `update data_pipeline_tasks set step_status = step_status || '{"sql_validation": "running"}' where id = $1`,
      [taskId],
    ),
  (taskId) => platform.store.query('delete from task_checkpoints where task_id = $1', [taskId]),
  (taskId) => platform.store.query(`delete from data_pipeline_tasks where id = $1`, [taskId]),
]

function change(taskId: string, random: Random, columns: string): Promise<unknown> {
  const id = executionOf(taskId, pick(STEPS, random))
  return platform.store.query(`update data_pipeline_task_executions set ${columns} where execution_id = $1`, [id])
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T
}

const images = async () => [await imageOfStore(platform.store), await imageOfFiles(platform)] as const

test(`whatever befell a task, its clean-up leaves nothing dirty, touches no other task, and is undone to the byte (${CASES} random cases)`, async () => {
  const random = seededRandom(SEED)
  let executed = 0
  for (let number = 0; number < CASES; number++) {
    await clearStore(platform.store)
    const left = (await platform.files.list('')).files.map(({ key }) => key)
    await platform.files.delete(left)
    for (const id of TASKS) await insertCompletedTask(platform, id)
    const damages = 1 + Math.floor(random() * DAMAGES_MAX)
    for (let count = 0; count < damages; count++) await pick(DAMAGES, random)(pick(TASKS, random), random)
    const before = await images()
    const dirty = [...new Set((await scan(platform, { by: 'tester' })).findings.map(({ taskId }) => taskId))]
    const done: string[] = []
    for (const taskId of dirty) {
      const cleanup = await cleanUp(platform, { taskId, execute: true, by: 'tester' })
      expect([number, taskId, cleanup.verified, cleanup.skipped]).toEqual([number, taskId, true, []])
      done.push(cleanup.id)
    }
    executed += done.length
    expect([number, (await scan(platform, { by: 'tester' })).findings]).toEqual([number, []])
    const after = await images()
    for (const taskId of TASKS.filter((id) => !dirty.includes(id))) {
      expect(after[0].filter((row) => row.includes(taskId))).toEqual(before[0].filter((row) => row.includes(taskId)))
    }
    // In any order: each is about its own task.
    for (const cleanupId of done.toSorted(() => random() - 0.5)) {
      await rollBackCleanup(platform, { cleanupId, by: 'tester' })
    }
    expect([number, ...(await images())]).toEqual([number, ...before])
  }
  expect(executed).toBeGreaterThan(CASES / 2)
})
