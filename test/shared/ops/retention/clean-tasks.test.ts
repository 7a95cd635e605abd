import { describe, expect, test } from 'vitest'
import { nodeMetrics } from '../../../../shared/ops/metrics/node-metrics.ts'
import { cleanTasks } from '../../../../shared/ops/retention/clean-tasks.ts'
import { RETENTION_POLICIES } from '../../../../shared/ops/retention/policies.ts'
import { timestampId } from '../../../../shared/platform/clock.ts'
import type { Files } from '../../../../shared/platform/files.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { insertExecution, insertLogs, insertTask, putOutput } from '../../../support/store-factory.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const DAY_MS = 24 * 60 * 60_000

const daysAgo = (platform: TestPlatform, days: number) => new Date(platform.clock.now().getTime() - days * DAY_MS)

/** A task that ended so many days ago, with an execution, a file and log lines. */
async function endedTask(platform: TestPlatform, days: number, changes: object = {}): Promise<string> {
  const at = daysAgo(platform, days)
  const id = `task_${timestampId(at, platform.clock.timeZone)}`
  const times = { createdAt: at, startedAt: at, completedAt: at }
  await insertTask(platform.store, { id, status: 'completed', ...times, ...changes })
  const executionId = await insertExecution(platform.store, {
    taskId: id,
    executionId: `${id}_e`,
    status: 'completed',
    ...times,
  })
  await putOutput(platform, id, 'orders.ddl', 'create table orders ();', { executionId })
  await insertLogs(platform.store, id, [{ at }, { at, executionId }])
  return id
}

const taskIds = async () =>
  (await kit.store.query<{ id: string }>('select id from data_pipeline_tasks order by id')).rows.map(({ id }) => id)
const keys = async ({ files }: TestPlatform) => (await files.list('')).files.map(({ key }) => key)

describe('of tasks', () => {
  test('those of which nothing has happened for 30 days go, with their files and rows', async () => {
    const platform = await kit.open()
    const old = await endedTask(platform, 31)
    const young = await endedTask(platform, 29)
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 1, files: 1, failed: 0, orphan_files: 0, left: false })
    expect([await taskIds(), await keys(platform)]).toEqual([[young], [`${young}/orders.ddl`]])
    for (const table of ['executions', 'logs', 'outputs']) {
      const { rows } = await kit.store.query(`select from data_pipeline_task_${table} where task_id = $1`, [old])
      expect(rows, table).toEqual([])
    }
  })

  test('how long they are kept is a setting', async () => {
    const platform = await kit.open({ env: { HELIX_TASK_KEEP_DAYS: '3' } })
    await endedTask(platform, 4)
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 1 })
  })

  test.each([
    ['runs', { status: 'running' as const, completedAt: null }],
    ['waits', { status: 'queued' as const, completedAt: null }],
    ['has ended lately', { status: 'completed' as const, completedAt: new Date('2025-06-20T00:00:00Z') }],
  ])('an old one stays of which a step %s', async (_, execution) => {
    const platform = await kit.open()
    const id = await endedTask(platform, 40, { status: 'partial_completed' })
    await insertExecution(kit.store, {
      taskId: id,
      executionId: `${id}_f`,
      createdAt: daysAgo(platform, 39),
      ...execution,
    })
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 0, files: 0 })
    expect(await keys(platform)).toEqual([`${id}/orders.ddl`])
  })

  test('one that is in progress stays, also with nothing under way: that is for the scan', async () => {
    const platform = await kit.open()
    const id = await endedTask(platform, 40, { status: 'in_progress', completedAt: null })
    await cleanTasks(platform)
    expect(await taskIds()).toEqual([id])
  })

  test('one that refuses does not hold up those behind it, and goes when it can', async () => {
    const platform = await kit.open()
    const first = await endedTask(platform, 50)
    await endedTask(platform, 40)
    const refusing: Files = {
      ...platform.files,
      delete: async (names) => {
        if (names.some((name) => name.startsWith(first))) throw new Error('The disk is read-only')
        await platform.files.delete(names)
      },
    }
    expect(await cleanTasks({ ...platform, files: refusing })).toMatchObject({ tasks: 1, failed: 1 })
    expect(await taskIds()).toEqual([first])
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 1, failed: 0 })
    expect(await keys(platform)).toEqual([])
  })

  test('a run that dies between files and rows leaves no file without its task, and the next one ends it', async () => {
    const platform = await kit.open()
    const id = await endedTask(platform, 50)
    const dying: Files = {
      ...platform.files,
      delete: async (names) => {
        await platform.files.delete(names)
        throw new Error('killed')
      },
    }
    await cleanTasks({ ...platform, files: dying })
    expect([await taskIds(), await keys(platform)]).toEqual([[id], []])
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 1, files: 0 })
    expect(await taskIds()).toEqual([])
  })

  test('two runs at once delete each task once', async () => {
    const platform = await kit.open()
    for (let days = 31; days < 41; days++) await endedTask(platform, days)
    const runs = await Promise.all([cleanTasks(platform), cleanTasks(platform)])
    expect(runs.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(10)
    expect([await taskIds(), await keys(platform)]).toEqual([[], []])
  })

  test('a run that is asked to stop begins no other', async () => {
    const platform = await kit.open()
    await endedTask(platform, 40)
    platform.stop()
    expect(await cleanTasks(platform)).toMatchObject({ tasks: 0, left: true })
  })
})

describe('of files', () => {
  test('those in folders of tasks that there are no more go, and nothing else', async () => {
    const platform = await kit.open()
    const known = await endedTask(platform, 5)
    const kept = [`${known}/extra.txt`, 'reports/weekly_2025-06-20.json', 'table_lists/tables.txt', 'task_notes/a.txt']
    const orphans = ['task_20250601_101010/a.ddl', 'task_20250601_101010_2/b.ddl', 'manual_20250601_101010/c/d.txt']
    const young = `task_${timestampId(platform.clock.now(), platform.clock.timeZone)}/new.txt`
    for (const key of [...kept, ...orphans, young]) await platform.files.put(key, 'x')
    expect(await cleanTasks(platform)).toMatchObject({ orphan_files: 3, left: false })
    expect(await keys(platform)).toEqual([...kept, young, `${known}/orders.ddl`].toSorted())
  })

  test('a walk over many goes on where the last one ended', async () => {
    const platform = await kit.open()
    const pages = ['', 'a', 'b']
    const asked: (string | undefined)[] = []
    const long: Files = {
      ...platform.files,
      list: async (prefix, options = {}) => {
        if (prefix !== '') return await platform.files.list(prefix, options)
        asked.push(options.cursor)
        await platform.clock.advance(6 * 60_000) // two pages are more than one night's
        return { files: [], cursor: pages[asked.length] ?? null }
      },
    }
    expect(await cleanTasks({ ...platform, files: long })).toMatchObject({ left: true })
    expect(await cleanTasks({ ...platform, files: long })).toMatchObject({ left: false })
    expect(asked).toEqual([undefined, 'a', 'b'])
  })

  test('reports of weeks go after a year', async () => {
    const platform = await kit.open()
    for (const day of ['2024-06-20', '2024-07-05']) await platform.files.put(`reports/weekly_${day}.json`, '{}')
    expect(await cleanTasks(platform)).toMatchObject({ reports: 1 })
    expect(await keys(platform)).toEqual(['reports/weekly_2024-07-05.json'])
  })
})

describe('of other rows', () => {
  test.each(RETENTION_POLICIES.map((policy) => [policy.name, policy] as const))(
    '%s are asked for by a statement that the store takes, and their table exists',
    async (_, { table, where }) => {
      const { rows } = await kit.store.query(`select r.ctid from ${table} r where ${where}`, [new Date(0)])
      expect(rows).toEqual([])
    },
  )

  test('old ones go in batches, young ones stay', async () => {
    const platform = await kit.open()
    await kit.store.query(
      `insert into sandbox_runs (node_name, origin, success, exit_code, duration_ms, created_at)
       select 'a', 'trial', true, 0, 1, $1::timestamptz - n * interval '1 minute' from generate_series(0, 12000) n`,
      [daysAgo(platform, 90)],
    )
    await kit.store.query(
      `insert into metric_samples (metric, at, value, instance)
       select metric, $1::timestamptz - days * interval '1 day', 1, 'a'
         from unnest(array['x', 'database_bytes']) metric, unnest(array[1, 6, 8, 80, 100]) days`,
      [platform.clock.now()],
    )
    await kit.store.query(
      `insert into idempotency_keys (key, request_hash, created_at)
       values ('old', 'x', $1::timestamptz - interval '8 days'), ('new', 'x', $1)`,
      [platform.clock.now()],
    )
    expect((await cleanTasks(platform)).rows).toEqual({
      sandbox_runs: 12_000,
      metric_samples: 3,
      size_samples: 1,
      idempotency_keys: 1,
    })
    expect((await kit.store.query('select from sandbox_runs')).rowCount).toBe(1)
  })

  test('old log lines go, but not those of a task that still runs', async () => {
    const platform = await kit.open({ env: { HELIX_TASK_LOG_KEEP_DAYS: '10' } })
    const ended = await endedTask(platform, 12)
    const running = await endedTask(platform, 13)
    await insertExecution(kit.store, { taskId: running, executionId: 'e', createdAt: daysAgo(platform, 13) })
    expect((await cleanTasks(platform)).rows).toEqual({ task_logs: 2 })
    const { rows } = await kit.store.query('select distinct task_id from data_pipeline_task_logs')
    expect(rows).toEqual([{ task_id: running }])
    expect(await taskIds()).toEqual([running, ended].toSorted())
  })
})

test('what is deleted goes on being counted, by status and by how long it took', async () => {
  const platform = await kit.open()
  const [old, young] = [daysAgo(platform, 500), daysAgo(platform, 1)]
  for (const at of [old, young]) {
    await kit.store.query(
      `insert into sandbox_runs (node_name, origin, success, exit_code, duration_ms, created_at)
       values ('n', 'workflow', true, 0, 1, $1), ('n', 'workflow', false, 1, 1, $1)`,
      [at],
    )
  }
  const run = await endedTask(platform, 40)
  await kit.store.query(
    `update data_pipeline_tasks set parameters = parameters || '{"workflow": {"id": "flow", "version": 1, "nodes": [], "inputs": {}}}', completed_at = started_at + interval '7 seconds' where id = $1`,
    [run],
  )
  const counters = async () => {
    const { sandboxRuns, workflowRuns, seconds } = await nodeMetrics(kit.store, young)
    return { sandboxRuns, workflowRuns, seconds }
  }
  const before = await counters()
  expect(before).toMatchObject({
    sandboxRuns: { success: 2, failure: 2 },
    workflowRuns: { success: 1, failure: 0 },
    seconds: { count: 1, sum: 7, upTo: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1] },
  })
  expect(await cleanTasks(platform)).toMatchObject({ tasks: 1, rows: { sandbox_runs: 2 } })
  expect(await counters()).toEqual(before)
  expect(await cleanTasks(platform)).toMatchObject({ tasks: 0 })
  expect(await counters()).toEqual(before)
})
