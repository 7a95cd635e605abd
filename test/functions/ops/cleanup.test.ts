import { beforeEach, describe, expect, test } from 'vitest'
import { executionOf, imageOfFiles, imageOfStore, insertCompletedTask } from '../../support/dirty-data-kit.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'

const OPS = '/api/v1/ops'
const TASK = 'task_20250627_140000'
const kit = functionKit()
beforeEach(() => removeFolder(''))

// biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
async function post(path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const answer = await kit.send('POST', `${OPS}${path}`, body === undefined ? {} : { body })
  return { status: answer.status, body: await answer.json() }
}

const images = async () => [await imageOfStore(kit.platform.store), await imageOfFiles(kit.platform)]

/** A task of which one file is gone and one is too many. */
async function damaged() {
  await insertCompletedTask(kit.platform)
  await kit.platform.files.delete([`${TASK}/training_data.jsonl`])
  await kit.platform.files.put(`${TASK}/stray.txt`, 'stray')
}

describe('POST /api/v1/ops/scan', () => {
  test('names each piece of dirty data with its impact, its meaning and its repair', async () => {
    await damaged()
    const { status, body } = await post('/scan')
    expect([status, body]).toMatchObject([
      200,
      { success: true, data: { scan_id: expect.stringMatching(/^scan_/), counts: { A: 0, B: 2, C: 0, D: 0, E: 0 } } },
    ])
    expect(body.data.findings[0]).toEqual({
      type: 'B',
      severity: 'P2',
      impact: { scope: 'historical', system: 'medium', business: 'low', priority: 'planned' },
      task_id: TASK,
      execution_id: executionOf(TASK, 'qa_generation'),
      file_name: 'training_data.jsonl',
      check: 'row-without-file',
      meaning: '输出记录指向的文件不存在',
      repair: '移除该输出记录',
    })
    const page = await kit.read(`${OPS}/scans?limit=1`)
    expect(page).toMatchObject({ data: { scans: [{ scan_id: body.data.scan_id }], next_cursor: null } })
  })

  test.each([
    ['queued', { status: 'pending' as const }, { status: 'queued' as const, startedAt: null, claim: 0 }],
    [
      'at work',
      { status: 'in_progress' as const, stepStatus: { ddl_generation: 'running' as const } },
      {
        heartbeatAt: new Date('2025-06-27T06:30:50Z'),
        leaseExpiresAt: new Date('2025-06-27T06:31:20Z'),
        leaseOwner: 'w',
      },
    ],
  ])('finds nothing of a task that is %s, whatever lies in its folder', async (_, task, execution) => {
    const { store, files } = kit.platform
    const taskId = await insertTask(store, { id: TASK, ...task })
    await insertExecution(store, { taskId, ...execution })
    await files.put(`${TASK}/task_config.json`, '{}')
    await files.put(`${TASK}/car.ddl`, 'on its way')
    expect((await post('/scan')).body.data.findings).toEqual([])
  })

  test('finds the folder of a task that is gone, but not of one that may just be accepted', async () => {
    const { files } = kit.platform
    await files.put('task_20250627_143050/task_config.json', '{}')
    await files.put('task_20250620_143050/car.ddl', 'left')
    await files.put('reports/weekly_2025-06-20.json', '{}')
    const { body } = await post('/scan')
    expect(body.data.findings).toMatchObject([{ type: 'B', task_id: 'task_20250620_143050', file_name: 'car.ddl' }])
    expect((await post('/cleanup/task_20250620_143050', { execute: true })).body).toMatchObject({
      data: { verified: true, counts: { rows: 0, files: 1 } },
    })
  })

  test('of a task that is not there says so', async () => {
    expect(await post('/scan', { task_id: 'none' })).toMatchObject({ status: 404, body: { code: 'task_not_found' } })
  })
})

describe('POST /api/v1/ops/cleanup', () => {
  test('plans and changes nothing unless it is told to execute', async () => {
    await damaged()
    const before = await images()
    const { body } = await post(`/cleanup/${TASK}`)
    expect(body.data).toMatchObject({
      executed: false,
      verified: null,
      plan: {
        rows: [{ table: 'outputs', key: 'training_data.jsonl', action: 'delete' }],
        files: [{ key: `${TASK}/stray.txt`, size: 5 }],
      },
    })
    expect(await images()).toEqual(before)
  })

  test('executes exactly the plan: what has changed since then is left alone and listed', async () => {
    await damaged()
    const { store, files } = kit.platform
    const plan = (await post(`/cleanup/${TASK}`)).body.data
    await store.query(
      `update data_pipeline_task_outputs set description = 'mine' where file_name = 'training_data.jsonl'`,
    )
    await files.put(`${TASK}/stray.txt`, 'now somebody needs me')
    await files.put(`${TASK}/later.txt`, 'not planned')
    const { body } = await post(`/cleanup/${TASK}`, { execute: true })
    expect(body.data).toMatchObject({
      cleanup_id: plan.cleanup_id,
      executed: true,
      verified: false,
      skipped: [
        { kind: 'outputs', key: 'training_data.jsonl', reason: 'changed_since_plan' },
        { kind: 'file', key: `${TASK}/stray.txt`, reason: 'changed_since_plan' },
      ],
    })
    expect(Object.keys((await imageOfFiles(kit.platform, `${TASK}/`)) ?? {})).toEqual(
      expect.arrayContaining([`${TASK}/stray.txt`, `${TASK}/later.txt`]),
    )
  })

  test('refuses a plan that is older than an hour, and says what to do', async () => {
    await damaged()
    const plan = (await post(`/cleanup/${TASK}`)).body.data
    await kit.platform.clock.advance(61 * 60_000)
    const before = await images()
    const { status, body } = await post(`/cleanup/${TASK}`, { execute: true, cleanup_id: plan.cleanup_id })
    expect([status, body]).toMatchObject([409, { code: 'plan_expired', hint: expect.stringContaining('Plan again') }])
    expect(await images()).toEqual(before)
    await post(`/cleanup/${TASK}`)
    expect((await post(`/cleanup/${TASK}`, { execute: true })).body.data).toMatchObject({ verified: true })
  })

  test('executes a plan once', async () => {
    await damaged()
    const { cleanup_id } = (await post(`/cleanup/${TASK}`, { execute: true, reason: 'the first' })).body.data
    const again = await post(`/cleanup/${TASK}`, { execute: true, cleanup_id })
    expect(again).toMatchObject({ status: 409, body: { code: 'cleanup_refused' } })
    expect(await kit.read(`${OPS}/audit?target=${TASK}`)).toMatchObject({
      data: {
        entries: [
          {
            action: 'cleanup.executed',
            actor: 'anonymous',
            reason: 'the first',
            before: { cleanup_id },
            after: { rows_changed: 1 },
          },
        ],
      },
    })
  })

  test('leaves a task alone that is at work', async () => {
    const { store, files } = kit.platform
    await insertCompletedTask(kit.platform)
    await files.delete([`${TASK}/car.ddl`])
    await store.query(
      `update data_pipeline_task_executions
          set status = 'running', completed_at = null, lease_owner = 'w', lease_expires_at = $2
        where execution_id = $1`,
      [executionOf(TASK, 'training_load'), new Date('2025-06-28T00:00:00Z')],
    )
    expect((await post('/scan')).body.data.findings).toMatchObject([{ type: 'A', file_name: 'car.ddl' }])
    expect(await post(`/cleanup/${TASK}`, { execute: true })).toMatchObject({
      status: 409,
      body: { code: 'step_running' },
    })
  })
})

describe('POST /api/v1/ops/cleanups/{id}/rollback', () => {
  test('restores rows and files to the byte, also after others have written', async () => {
    await damaged()
    const before = await images()
    const { cleanup_id } = (await post(`/cleanup/${TASK}`, { execute: true })).body.data
    await insertCompletedTask(kit.platform, 'task_20250627_150000')
    expect(await post(`/cleanups/${cleanup_id}/rollback`)).toMatchObject({ status: 200 })
    await kit.platform.store.query(`delete from data_pipeline_tasks where id = 'task_20250627_150000'`)
    await kit.platform.store.query(`delete from data_pipeline_task_executions where task_id = 'task_20250627_150000'`)
    await removeFolder('task_20250627_150000/')
    expect(await images()).toEqual(before)
    expect(await post(`/cleanups/${cleanup_id}/rollback`)).toMatchObject({
      status: 409,
      body: { code: 'cleanup_refused' },
    })
  })

  test('is refused with the reason where a row or a file has been taken meanwhile', async () => {
    await damaged()
    const { store, files } = kit.platform
    const { cleanup_id } = (await post(`/cleanup/${TASK}`, { execute: true })).body.data
    await files.put(`${TASK}/stray.txt`, 'another')
    const byFile = await post(`/cleanups/${cleanup_id}/rollback`)
    expect(byFile).toMatchObject({ status: 409, body: { errors: [{ path: `${TASK}/stray.txt` }] } })
    await files.delete([`${TASK}/stray.txt`])
    await store.query(
      `insert into data_pipeline_task_outputs (task_id, file_type, file_name, file_path, created_at, modified_at)
       values ($1, 'txt', 'training_data.jsonl', 'x', $2, $2)`,
      [TASK, new Date('2025-06-27T06:00:00Z')],
    )
    const before = await images()
    const byRow = await post(`/cleanups/${cleanup_id}/rollback`)
    expect(byRow).toMatchObject({ status: 409, body: { errors: [{ path: 'outputs: training_data.jsonl' }] } })
    expect(await images()).toEqual(before)
  })

  test('of a plan, or of nothing, is refused', async () => {
    await damaged()
    const { cleanup_id } = (await post(`/cleanup/${TASK}`)).body.data
    expect((await post(`/cleanups/${cleanup_id}/rollback`)).status).toBe(409)
    expect((await post('/cleanups/none/rollback')).status).toBe(404)
    expect(await kit.read(`${OPS}/cleanups?task_id=${TASK}`)).toMatchObject({
      data: { cleanups: [{ cleanup_id, executed: false, can_roll_back: false }] },
    })
  })
})

async function removeFolder(prefix: string): Promise<void> {
  const { files } = kit.platform
  await files.delete((await files.list(prefix)).files.map(({ key }) => key))
}
