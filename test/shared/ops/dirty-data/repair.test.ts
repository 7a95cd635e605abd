import { describe, expect, test } from 'vitest'
import scanDirtyData from '../../../../scheduled/scan-dirty-data.ts'
import type { StepName } from '../../../../shared/engine/pipeline.ts'
import { cleanCleanupSnapshots } from '../../../../shared/ops/dirty-data/clean-snapshots.ts'
import { cleanUp } from '../../../../shared/ops/dirty-data/cleanup.ts'
import { rollBackCleanup } from '../../../../shared/ops/dirty-data/rollback.ts'
import { FAULTS } from '../../../../shared/ops/faults/all.ts'
import { cleanUpTask } from '../../../../shared/ops/repairs/clean-up-task.ts'
import { executionOf, imageOfStore, insertCompletedTask } from '../../../support/dirty-data-kit.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { putOutput } from '../../../support/store-factory.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const TASK = 'task_20250627_140000'
const GUARD = { incidentId: 1, claim: 1, hold: async () => undefined }
const DAY_MS = 24 * 3_600_000

const set = (step: StepName, change: string) => (platform: TestPlatform) =>
  platform.store.query(`update data_pipeline_task_executions set ${change} where execution_id = $1`, [
    executionOf(TASK, step),
  ])

describe('a fault of dirty data', () => {
  test.each<[type: string, what: string, damage: (platform: TestPlatform) => Promise<unknown>]>([
    ['a', 'a lost file', ({ files }) => files.delete([`${TASK}/metadata.txt`])],
    ['b', 'a stray file', ({ files }) => files.put(`${TASK}/stray.txt`, 'stray')],
    ['b', 'a row without a file', ({ files }) => files.delete([`${TASK}/training_data.jsonl`])],
    ['c', 'a standing task', ({ store }) => store.query(`update data_pipeline_tasks set status = 'in_progress'`)],
    ['d', 'attempts past the maximum', set('qa_generation', 'attempt = 12')],
    ['e', 'a zombie', set('training_load', `status = 'running', completed_at = null, heartbeat_at = null`)],
  ])('of type %s, %s, is found, explained, repaired and asked for again in another way', async (type, _, damage) => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    await damage(platform)
    const fault = FAULTS.find(({ name }) => name === `dirty_data_${type}`)
    const found = await fault?.detect(platform)
    const [target] = found?.ill ?? []
    expect([found?.of, target?.id]).toEqual([1, TASK])
    if (fault === undefined || target === undefined) return
    expect(await cleanUpTask.verify(platform, target)).toBe('not_fixed')
    expect(await fault.diagnose(platform, target)).toMatchObject({
      rule: `dirty-data-${type}`,
      repair: 'clean-up-task',
    })
    expect(await cleanUpTask.run(platform, target, GUARD)).toMatchObject({ changed: true })
    expect(await cleanUpTask.verify(platform, target)).toBe('fixed')
    expect((await fault.detect(platform)).ill).toEqual([])
    expect(await cleanUpTask.run(platform, target, GUARD)).toMatchObject({ changed: false })
  })

  test('leaves a file that somebody has edited to a person', async () => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    await platform.files.put(`${TASK}/car.ddl`, 'create table car ();')
    const fault = FAULTS.find(({ name }) => name === 'dirty_data_a')
    const target = (await fault?.detect(platform))?.ill[0]
    if (fault === undefined || target === undefined) throw new Error('Nothing was found')
    expect(await fault.diagnose(platform, target)).toMatchObject({ rule: 'content-was-changed', repair: null })
    expect(await cleanUpTask.run(platform, target, GUARD)).toMatchObject({ changed: false })
  })

  test('is none where validation was cancelled while it wrote the pairs anew', async () => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    const pairs = `qs_highway_db_${TASK}_pair.json`
    const validation = { step: 'sql_validation', executionId: executionOf(TASK, 'sql_validation') } as const
    await set('sql_validation', `status = 'cancelled'`)(platform)
    await putOutput(platform, TASK, `${pairs}.backup`, `${pairs} of ${TASK}\n`, validation)
    for (const name of [pairs, 'training_data.jsonl']) await platform.files.put(`${TASK}/${name}`, 'written anew')
    const fault = FAULTS.find(({ name }) => name === 'dirty_data_a')
    expect((await fault?.detect(platform))?.ill).toEqual([])
    await platform.store.query(
      `update data_pipeline_task_outputs set content_hash = 'other' where file_name like '%.backup'`,
    )
    expect((await fault?.detect(platform))?.ill).toMatchObject([{ id: TASK }])
  })

  test('is over, and nothing is changed, once its task has been deleted', async () => {
    await using platform = await kit.open()
    const target = { id: TASK, facts: { type: 'B', names: ['stray.txt'], executions: [] }, occurredAt: null }
    expect(await cleanUpTask.run(platform, target, GUARD)).toMatchObject({ changed: false })
    expect(await cleanUpTask.verify(platform, target)).toBe('fixed')
  })

  test('is none where an execution has failed and its task may be resumed', async () => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    await set('training_load', `status = 'failed'`)(platform)
    const ill = await Promise.all(
      FAULTS.filter(({ name }) => name.startsWith('dirty_data')).map(
        async (fault) => (await fault.detect(platform)).ill,
      ),
    )
    expect(ill.flat()).toEqual([])
  })

  test('whose repair is no longer its own changes nothing', async () => {
    await using platform = await kit.open()
    await insertCompletedTask(platform)
    await platform.files.put(`${TASK}/stray.txt`, 'stray')
    const before = await imageOfStore(platform.store)
    const target = { id: TASK, facts: { type: 'B', names: ['stray.txt'] }, occurredAt: null }
    const hold = () => Promise.reject(new Error('another worker has it'))
    await expect(cleanUpTask.run(platform, target, { ...GUARD, hold })).rejects.toThrow('another worker')
    expect(await imageOfStore(platform.store)).toEqual(before)
    expect(await platform.files.head(`${TASK}/stray.txt`)).not.toBeNull()
  })
})

test('a scheduled scan raises one alert for what it finds, and ends it when all is clean again', async () => {
  await using platform = await kit.open()
  await insertCompletedTask(platform)
  await platform.files.put(`${TASK}/stray.txt`, 'stray')
  const fire = async () =>
    (await scanDirtyData.request('/scheduled/scan-dirty-data', { method: 'POST' }, { platform })).json()
  expect(await fire()).toMatchObject({ counts: { B: 1 }, left_out: [] })
  await fire()
  const alerts = () => platform.store.query(`select rule, severity, status, value from alerts`)
  expect((await alerts()).rows).toEqual([{ rule: 'dirty_data', severity: 'P2', status: 'firing', value: 1 }])
  await platform.files.delete([`${TASK}/stray.txt`])
  await fire()
  expect((await alerts()).rows).toMatchObject([{ status: 'resolved' }])
})

test('a snapshot is kept for seven days, and the clean-up is then no longer undone', async () => {
  await using platform = await kit.open()
  await insertCompletedTask(platform)
  await platform.files.put(`${TASK}/stray.txt`, 'stray')
  const { id } = await cleanUp(platform, { taskId: TASK, execute: true, by: 'tester' })
  await platform.clock.advance(7 * DAY_MS - 1000)
  expect(await cleanCleanupSnapshots(platform)).toMatchObject({ snapshots: 0, copies: 0 })
  await platform.clock.advance(2000)
  expect(await cleanCleanupSnapshots(platform)).toMatchObject({ snapshots: 1, copies: 1 })
  expect((await platform.files.list('cleanups/')).files).toEqual([])
  await expect(rollBackCleanup(platform, { cleanupId: id, by: 'tester' })).rejects.toMatchObject({
    code: 'cleanup_refused',
  })
})
