import { describe, expect, test } from 'vitest'
import type { StepName } from '../../../../shared/engine/pipeline.ts'
import { resumeTask } from '../../../../shared/engine/start-run.ts'
import { requireTask } from '../../../../shared/engine/task.ts'
import { rollBackCleanup } from '../../../../shared/ops/dirty-data/rollback.ts'
import { FAULTS } from '../../../../shared/ops/faults/all.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import { executionOf, insertCompletedTask } from '../../../support/dirty-data-kit.ts'
import { engineKit, stepsWith } from '../../../support/engine-kit.ts'
import { incidentsIn, repairSent, round } from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const TASK = 'task_20250627_140000'
const faults = FAULTS.filter(({ name }) => name === 'dirty_data_a' || name === 'dirty_data_c')

const DOCUMENTS = ['car.ddl', 'car_detail.md', 'metadata.txt']
const worked: StepName[] = []
const functions = stepsWith({
  ddl_generation: async (context) => {
    worked.push('ddl_generation')
    for (const name of DOCUMENTS) await context.writeFile(name, `${name} again`, { type: 'ddl' })
    return { result: { tables: 1 }, required: DOCUMENTS }
  },
  // Work of somebody's own, which requires nothing.
  qa_generation: async () => ({ result: { own: true }, required: [] }),
  sql_validation: async () => ({ result: { own: true }, required: [] }),
  training_load: async () => ({ result: { own: true }, required: [] }),
})
const open = () => kit.open({ functions })

/** Finds, repairs and verifies; works off nothing else. */
async function repairOnce(platform: TestPlatform) {
  const others = platform.sent.splice(0)
  await round(platform, REPAIRS, faults)
  const isRepair = ({ function: name }: { function: string }) => name === 'repair-incident'
  await repairSent({ ...platform, sent: platform.sent.filter(isRepair) }, REPAIRS)
  const work = platform.sent.splice(0).filter((message) => !isRepair(message))
  platform.sent.push(...others, ...work)
}

async function workOff(platform: TestPlatform): Promise<void> {
  for (let message = platform.sent.shift(); message !== undefined; message = platform.sent.shift()) {
    if (message.function === 'repair-incident') continue
    await platform.dispatch(message)
    await platform.settled() // a step that is handed on is called when the one before has answered
  }
}

const statuses = async ({ store }: TestPlatform) => {
  const { status, stepStatus, progress } = await requireTask(store, TASK)
  return { status, steps: Object.values(stepStatus), progress }
}
const ALL_DONE = { status: 'completed', steps: Array(4).fill('completed'), progress: 100 }

/** A repair whose worker dies between the clean-up and going on. */
async function killedBeforeGoingOn(platform: TestPlatform) {
  await insertCompletedTask(platform)
  await platform.files.delete([`${TASK}/metadata.txt`])
  const repair = REPAIRS.find(({ name }) => name === 'clean-up-task')
  const [target] = (await faults[0]?.detect(platform))?.ill ?? []
  if (repair === undefined || target === undefined) throw new Error('Nothing was found')
  let held = 0
  const hold = async () => {
    held += 1
    if (held === 2) throw new Error('killed')
  }
  await expect(repair.run(platform, target, { incidentId: 1, claim: 1, hold })).rejects.toThrow('killed')
  return { repair, target, hold }
}

describe('a task whose outputs are lost', () => {
  test('goes on by itself once its step is undone, and ends completed with the outputs there', async () => {
    await using platform = await open()
    await insertCompletedTask(platform)
    await platform.files.delete([`${TASK}/metadata.txt`])
    await repairOnce(platform)
    expect(await statuses(platform)).toMatchObject({ status: 'in_progress', progress: 0 })
    expect(await incidentsIn(kit.store)).toMatchObject([
      { fault: 'dirty_data_a', status: 'verified', outcome: { summary: { en: expect.stringContaining('goes on') } } },
    ])
    await workOff(platform)
    expect(await statuses(platform)).toEqual(ALL_DONE)
    for (const name of DOCUMENTS) expect(await platform.files.head(`${TASK}/${name}`)).not.toBeNull()
    await repairOnce(platform)
    expect(await incidentsIn(kit.store)).toHaveLength(1)
    const { rows } = await kit.store.query(
      `select action, after from audit_log where action like 'repair.%' order by id`,
    )
    expect(rows.at(-1)).toEqual({
      action: 'repair.clean-up-task',
      after: { status: 'in_progress', step: 'ddl_generation' },
    })
  })

  test('of which a single step was asked for goes on with that step alone', async () => {
    await using platform = await open()
    await insertCompletedTask(platform)
    const rest = { qa_generation: 'pending', sql_validation: 'pending', training_load: 'pending' }
    await kit.store.query(
      `update data_pipeline_tasks set status = 'partial_completed', progress = 40, step_status = step_status || $1::jsonb`,
      [JSON.stringify(rest)],
    )
    await kit.store.query(
      `delete from data_pipeline_task_outputs where execution_id is not null and step_name <> 'ddl_generation'`,
    )
    await kit.store.query(`delete from data_pipeline_task_executions where execution_step <> 'ddl_generation'`)
    await platform.files.delete([`${TASK}/metadata.txt`])
    await repairOnce(platform)
    await workOff(platform)
    expect(await statuses(platform)).toEqual({
      status: 'partial_completed',
      steps: ['completed', 'pending', 'pending', 'pending'],
      progress: 40,
    })
  })

  test('that had failed before is cleaned up and left to a person', async () => {
    await using platform = await open()
    await insertCompletedTask(platform)
    await kit.store.query(
      `update data_pipeline_task_executions set status = 'failed', error_code = 'llm_failed' where execution_id = $1`,
      [executionOf(TASK, 'training_load')],
    )
    await kit.store.query(
      `update data_pipeline_tasks set status = 'failed', progress = 90, step_status = step_status || '{"training_load": "failed"}'`,
    )
    await platform.files.delete([`${TASK}/metadata.txt`])
    await repairOnce(platform)
    expect(await statuses(platform)).toMatchObject({ status: 'failed' })
    expect(platform.sent).toEqual([])
    expect(await incidentsIn(kit.store)).toMatchObject([{ status: 'verified' }])
  })

  test('is not done again without end: after as many times as a step is tried, a person is asked', async () => {
    await using platform = await open()
    await insertCompletedTask(platform)
    for (let times = 0; times < 3; times++) {
      await platform.files.delete([`${TASK}/metadata.txt`])
      await platform.clock.advance(2 * 3_600_000) // so that it is not the same within the hour
      await repairOnce(platform)
      await workOff(platform)
    }
    expect(worked.filter((step) => step === 'ddl_generation').length).toBeGreaterThanOrEqual(2)
    expect(await statuses(platform)).toMatchObject({ status: 'failed' })
    await platform.clock.advance(120_000)
    await repairOnce(platform)
    const [latest] = await incidentsIn(kit.store)
    expect(latest).toMatchObject({
      status: 'escalated',
      outcome: { summary: { en: expect.stringContaining('3 times') } },
    })
    await kit.store.transaction((tx) => resumeTask(platform, tx, TASK))
    await platform.clock.advance(120_000)
    await repairOnce(platform)
    expect((await incidentsIn(kit.store))[0]).toMatchObject({ status: 'verified' })
  })

  test('and whose clean-up a person has undone does not go on', async () => {
    await using platform = await open()
    const { repair, target } = await killedBeforeGoingOn(platform)
    expect(await repair.verify(platform, target)).toBe('not_fixed')
    const { rows } = await kit.store.query<{ id: string }>('select id from cleanups')
    await rollBackCleanup(platform, { cleanupId: rows[0]?.id ?? '', by: 'somebody' })
    expect(await statuses(platform)).toEqual(ALL_DONE)
  })

  test('goes on although the worker of its repair has died just before that', async () => {
    await using platform = await open()
    const { repair, target, hold } = await killedBeforeGoingOn(platform)
    expect(await statuses(platform)).toMatchObject({ status: 'failed' })
    expect(await repair.run(platform, target, { incidentId: 1, claim: 1, hold })).toMatchObject({ changed: true })
    expect(await repair.verify(platform, target)).toBe('fixed')
    await workOff(platform)
    expect(await statuses(platform)).toEqual(ALL_DONE)
  })
})

describe('a task that stands still', () => {
  test('between two steps goes on with those that were asked for', async () => {
    await using platform = await open()
    await insertCompletedTask(platform)
    const rest = { qa_generation: 'queued', sql_validation: 'pending', training_load: 'pending' }
    await kit.store.query(
      `update data_pipeline_tasks set status = 'in_progress', progress = 40, completed_at = null, step_status = step_status || $1::jsonb`,
      [JSON.stringify(rest)],
    )
    await kit.store.query(`delete from data_pipeline_task_executions where execution_step <> 'ddl_generation'`)
    await kit.store.query(
      `update data_pipeline_task_executions set remaining_steps = '{qa_generation,sql_validation,training_load}'`,
    )
    await repairOnce(platform)
    expect(await incidentsIn(kit.store)).toMatchObject([{ fault: 'dirty_data_c', status: 'verified' }])
    await workOff(platform)
    expect(await statuses(platform)).toEqual(ALL_DONE)
  })
})
