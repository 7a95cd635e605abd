import { describe, expect, test } from 'vitest'
import type { StepName } from '../../../../shared/engine/pipeline.ts'
import { cleanUp } from '../../../../shared/ops/dirty-data/cleanup.ts'
import { rollBackCleanup } from '../../../../shared/ops/dirty-data/rollback.ts'
import { scan } from '../../../../shared/ops/dirty-data/scan.ts'
import { executionOf, imageOfFiles, imageOfStore, insertCompletedTask } from '../../../support/dirty-data-kit.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const TASK = 'task_20250627_140000'
const by = 'tester'
const byOne = { by }

/** Ways in which the world damages a task, with the types that a scan must name. */
const DAMAGES: readonly (readonly [
  name: string,
  types: string,
  damage: (platform: TestPlatform) => Promise<unknown>,
])[] = [
  ['a required file that is gone', 'A', ({ files }) => files.delete([`${TASK}/car.ddl`])],
  [
    'a required file that was changed',
    'A',
    ({ files }) => files.put(`${TASK}/car.ddl`, 'car.ddl of task_20250627_14000!\n'),
  ],
  [
    'a required row that is gone',
    'A',
    ({ store }) =>
      store.query(`delete from data_pipeline_task_outputs where task_id = '${TASK}' and file_name = 'metadata.txt'`),
  ],
  [
    'a completed execution without any output',
    'A',
    ({ store }) =>
      store.query(`delete from data_pipeline_task_outputs where task_id = '${TASK}' and step_name = 'training_load'`),
  ],
  ['outputs of a failed execution', 'B', ({ store }) => setExecution(store, 'qa_generation', `status = 'failed'`)],
  ['a row without a file', 'B', ({ files }) => files.delete([`${TASK}/training_data.jsonl`])],
  ['a file without a row', 'B', ({ files }) => files.put(`${TASK}/stray.txt`, 'nobody knows me')],
  ["a task's own file that its row does not describe", 'B', ({ files }) => files.put(`${TASK}/task_config.json`, '{}')],
  [
    'a task that stands still',
    'C',
    ({ store }) => store.query(`update data_pipeline_tasks set status = 'in_progress' where id = '${TASK}'`),
  ],
  ['attempts past the maximum', 'D', ({ store }) => setExecution(store, 'training_load', 'attempt = 9')],
  [
    'a zombie',
    'E',
    async ({ store }) => {
      await setExecution(
        store,
        'training_load',
        `status = 'running', completed_at = null, lease_expires_at = '2025-06-27T06:00:30Z', lease_owner = 'gone:1'`,
      )
      await store.query(
        `update data_pipeline_tasks set status = 'in_progress', step_status = step_status || '{"training_load": "running"}' where id = '${TASK}'`,
      )
    },
  ],
  [
    'a zombie whose attempts are used up',
    'E',
    ({ store }) => setExecution(store, 'training_load', `status = 'running', completed_at = null, attempt = 2`),
  ],
  [
    'a zombie that never had a lease, an owner or a sign of life',
    'E',
    async ({ store }) => {
      await setExecution(
        store,
        'training_load',
        `status = 'running', completed_at = null, heartbeat_at = null, claim = 5, error_message = null`,
      )
      await store.query(`update data_pipeline_tasks set status = 'in_progress' where id = '${TASK}'`)
    },
  ],
]

async function setExecution(store: TestPlatform['store'], step: StepName, change: string) {
  await store.query(`update data_pipeline_task_executions set ${change} where execution_id = $1`, [
    executionOf(TASK, step),
  ])
}

describe('dirty data', () => {
  test('of a task that ran to its end there is none', async () => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    expect(await scan(platform, byOne)).toMatchObject({
      findings: [],
      counts: { A: 0, B: 0, C: 0, D: 0, E: 0 },
      leftOut: [],
    })
  })

  test('of a step that somebody else has written there is none, whatever files ours would leave', async () => {
    await using platform = await kit.open()
    const taskId = await insertCompletedTask(platform)
    const { rows } = await platform.store.query<{ file_name: string }>(
      "delete from data_pipeline_task_outputs where step_name = 'ddl_generation' returning file_name",
    )
    await platform.files.delete(rows.map(({ file_name: name }) => `${taskId}/${name}`))
    expect((await scan(platform, byOne)).counts).toMatchObject({ A: 1 })
    await platform.store.query(
      `update data_pipeline_task_executions set execution_result = '{"terms": 3}' where execution_step = 'ddl_generation'`,
    )
    expect((await scan(platform, byOne)).counts).toMatchObject({ A: 0 })
  })

  test.each(DAMAGES)('%s is found, cleaned up and restored to the byte', async (_, types, damage) => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    await insertCompletedTask(platform, 'task_20250627_140001')
    await damage(platform)
    const before = [await imageOfStore(platform.store), await imageOfFiles(platform)]
    const found = await scan(platform, byOne)
    expect([...new Set(found.findings.map(({ type }) => type))].join()).toBe(types)
    expect(found.findings.every(({ taskId }) => taskId === TASK)).toBe(true)

    const plan = await cleanUp(platform, { taskId: TASK, execute: false, by })
    expect(plan.executed).toBe(false)
    expect([await imageOfStore(platform.store), await imageOfFiles(platform)]).toEqual(before)

    const done = await cleanUp(platform, { taskId: TASK, execute: true, by, reason: 'a test' })
    expect(done).toMatchObject({ id: plan.id, executed: true, verified: true, skipped: [], remaining: [] })
    expect((await scan(platform, byOne)).findings).toEqual([])

    await rollBackCleanup(platform, { cleanupId: plan.id, by })
    expect([await imageOfStore(platform.store), await imageOfFiles(platform)]).toEqual(before)
  })
})
