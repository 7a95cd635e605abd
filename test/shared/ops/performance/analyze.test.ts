import pg from 'pg'
import { describe, expect, type TestContext, test } from 'vitest'
import { analyzePerformance } from '../../../../shared/ops/performance/analyze.ts'
import { fullScanOf } from '../../../../shared/ops/performance/explain.ts'
import { causeOf, type StatementCause, sampleStatements } from '../../../../shared/ops/performance/statements.ts'
import { statementFindings } from '../../../../shared/ops/performance/system-findings.ts'
import { flushRequests } from '../../../../shared/platform/flush-requests.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { type ExecutionRowValues, insertExecution, insertTask } from '../../../support/store-factory.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const SECOND_MS = 1000

const secondsAgo = (platform: TestPlatform, seconds: number) =>
  new Date(platform.clock.now().getTime() - seconds * SECOND_MS)

let number = 0
/** An execution of a task of its own that ended some seconds ago, after so many seconds of work. */
async function worked(
  platform: TestPlatform,
  source: string,
  endedAgo: number,
  took: number,
  changes: Partial<ExecutionRowValues> = {},
): Promise<string> {
  number += 1
  const id = await insertTask(platform.store, { id: `task_20250627_1430${number}`, dbName: source })
  const startedAt = secondsAgo(platform, endedAgo + took)
  const times = { createdAt: startedAt, startedAt, completedAt: secondsAgo(platform, endedAgo) }
  return await insertExecution(platform.store, {
    taskId: id,
    executionId: `e${number}`,
    status: 'completed',
    ...times,
    ...changes,
  })
}

describe('the analysis of the last minutes', () => {
  test('of an idle Helix finds nothing, and says what it has not seen', async () => {
    const platform = await kit.open()
    const report = await analyzePerformance(platform, 30)
    expect(report).toMatchObject({ steps: [], endpoints: [], sources: [], findings: [], waits: { executions: 0 } })
    expect(report.notSeen.map(({ what }) => what)).toEqual(['endpoints', 'statements', 'slowest_steps'])
  })

  test('names the slowest steps first, with a cause and a next step', async () => {
    const platform = await kit.open()
    for (let n = 0; n < 3; n++) await worked(platform, 'shop', 60, 5)
    const slow = await worked(platform, 'shop', 60, 400, { step: 'sql_validation' })
    await worked(platform, 'shop', 3 * 3600, 5000, { step: 'qa_generation' }) // before the window
    const { steps, findings } = await analyzePerformance(platform, 30)
    expect(steps.map(({ step, executions, p50Seconds }) => [step, executions, p50Seconds])).toEqual([
      ['sql_validation', 1, 400],
      ['ddl_generation', 3, 5],
    ])
    expect(findings).toMatchObject([{ kind: 'slow_step', subject: 'sql_validation', seconds: 400 }])
    expect(findings[0]?.cause.zh).toContain(`95% 分位耗时 7 分钟（1 次，最慢：${slow}）`)
    expect(findings[0]?.nextStep.en).toContain('index the columns')
  })

  test('says of failing steps what they fail with', async () => {
    const platform = await kit.open()
    for (let n = 0; n < 4; n++) await worked(platform, 'shop', 60, 5)
    const failed = await worked(platform, 'shop', 60, 5, { status: 'failed' })
    await platform.store.query(
      `update data_pipeline_task_executions set error_code = 'source_unreachable' where execution_id = $1`,
      [failed],
    )
    const { findings } = await analyzePerformance(platform, 30)
    expect(findings).toMatchObject([
      { kind: 'failing_step', cause: { en: '20 % of ddl_generation fail (1 of 5), mostly with source_unreachable' } },
    ])
  })

  test('tells waiting for room from waiting for a worker', async () => {
    const platform = await kit.open()
    const id = await worked(platform, 'shop', 10, 5)
    const set = (admitted: Date, created: Date) =>
      platform.store.query(
        'update data_pipeline_task_executions set admitted_at = $2, available_at = $2, created_at = $3 where execution_id = $1',
        [id, admitted, created],
      )
    await set(secondsAgo(platform, 15), secondsAgo(platform, 315))
    const room = await analyzePerformance(platform, 30)
    expect(room.waits.schedule.p95Seconds).toBe(300)
    expect(room.findings).toMatchObject([{ kind: 'waits_for_room' }])
    expect(room.findings[0]?.nextStep.zh).toContain('HELIX_CONCURRENCY_MODE=parallel')
    await set(secondsAgo(platform, 315), secondsAgo(platform, 315))
    const worker = await analyzePerformance(platform, 30)
    expect(worker.findings).toMatchObject([{ kind: 'waits_for_worker' }])
  })

  test('names the source that takes most of the time', async () => {
    const platform = await kit.open()
    for (let n = 0; n < 4; n++) await worked(platform, 'warehouse', 60, 40)
    await worked(platform, 'shop', 60, 10)
    const { sources, findings } = await analyzePerformance(platform, 30)
    expect(sources.map(({ source, tasks, busySeconds }) => [source, tasks, busySeconds])).toEqual([
      ['warehouse', 4, 160],
      ['shop', 1, 10],
    ])
    expect(findings).toMatchObject([{ kind: 'hot_source', subject: 'warehouse' }])
  })

  test('reads endpoints from the samples of requests', async () => {
    const platform = await kit.open()
    for (let n = 0; n < 20; n++) platform.requests.add({ method: 'GET', route: '/api/v1/jobs', status: '2xx' }, 2)
    platform.requests.add({ method: 'GET', route: '/quick', status: '2xx' }, 0.01)
    await flushRequests(platform)
    await platform.clock.advance(60_000)
    const { endpoints, findings } = await analyzePerformance(platform, 30)
    expect(endpoints.map(({ route, requests }) => [route, requests])).toEqual([
      ['/api/v1/jobs', 20],
      ['/quick', 1],
    ])
    expect(findings).toMatchObject([{ kind: 'slow_endpoint', subject: 'GET /api/v1/jobs' }])
  })
})

describe('a statement that reads a whole table', () => {
  test('is told by its plan, without being run and without its values', async () => {
    await kit.store.query('create table large (a int, b text)')
    await kit.store.query(`insert into large select n, 'x' from generate_series(1, 30000) n`)
    await kit.store.query('analyze large')
    expect(await fullScanOf(kit.store, 'select * from large where a = $1')).toEqual({
      table: 'large',
      rows: 30_000,
      filter: '(large.a = $1)',
    })
    expect(await fullScanOf(kit.store, 'delete from large where a > 5')).toMatchObject({ table: 'large' })
    expect((await kit.store.query('select from large')).rowCount).toBe(30_000)
    await kit.store.query('create index on large (a)')
    expect(await fullScanOf(kit.store, 'select * from large where a = $1')).toBeNull()
    await kit.store.query('drop table large')
  })

  test.each([
    ['several at once', 'select 1; drop table settings'],
    ['one that was cut off', 'select * from data_pipeline_tasks where'],
    ['one of another kind', 'drop table settings'],
    ['one whose parameter has no type', 'select interval $1'],
  ])('tells nothing of %s, and leaves the connection as it was', async (_, text) => {
    expect(await fullScanOf(kit.store, text)).toBeNull()
    expect(
      (await kit.store.query('select from pg_prepared_statements where name = $1', ['helix_explained'])).rowCount,
    ).toBe(0)
    expect((await kit.store.query('select from settings')).rowCount).toBe(0)
  })
})

describe('the cause of a counted statement', () => {
  const row = { calls: 100, mean: 0.2, rows: 100, hit: 1000, read: 10, spilled: 0 }
  test.each<[string, object, StatementCause['kind']]>([
    ['that spills', { spilled: 500 }, 'spills'],
    ['that reads the disk', { hit: 1000, read: 50_000 }, 'reads_disk'],
    ['that answers much', { rows: 1_000_000 }, 'many_rows'],
    ['that is asked all the time', { calls: 50_000, mean: 0.001, rows: 50_000 }, 'called_often'],
    ['with nothing else to say', {}, 'computes'],
  ])('of one %s', (_, changes, kind) => {
    expect(causeOf({ ...row, ...changes }, null).kind).toBe(kind)
  })

  test('has words in both languages for each kind', () => {
    const causes: StatementCause[] = [
      { kind: 'waits_for_lock', blockedBy: [7] },
      { kind: 'sleeps' },
      { kind: 'full_scan', table: 'a', rows: 20_000, filter: '(a = 1)' },
      { kind: 'spills', bytes: 1 },
      { kind: 'reads_disk', share: 0.5 },
      { kind: 'many_rows', rows: 9_000 },
      { kind: 'called_often', calls: 50_000 },
      { kind: 'waits', for: 'Client/ClientRead' },
      { kind: 'computes' },
    ]
    const statements = causes.map((cause) => {
      const seconds = { totalSeconds: 50, meanSeconds: 1, maxSeconds: 1 }
      return { statement: 'select ?', seen: 'counted' as const, calls: 50, ...seconds, rows: 1, cause }
    })
    const findings = statementFindings(statements)
    expect(findings).toHaveLength(causes.length)
    for (const { cause, nextStep } of findings) {
      for (const text of [cause, nextStep]) expect(text.zh).toMatch(/\p{Script=Han}/u)
      expect(cause.en).toMatch(/^It takes 1 s on average, 50 times: /)
    }
  })
})

test('a statement that runs, and one that ran while it was sampled, are found with their cause', async (context: TestContext) => {
  const { url } = kit.store
  if (url === null) return context.skip('only a server has other sessions: set HELIX_TEST_DATABASE_URL')
  const platform = await kit.open()
  const client = new pg.Client({ connectionString: url, application_name: 'helix' })
  await client.connect()
  const running = client.query(`select pg_sleep(600), 'secret'`).catch(() => undefined)
  while ((await sampleStatements(platform)) === 0) await platform.store.query('select pg_sleep(0.1)')
  const now = await analyzePerformance(platform, 30)
  expect(now.statements[0]).toMatchObject({
    statement: 'select pg_sleep(?), ?',
    seen: 'running',
    cause: { kind: 'sleeps' },
  })
  expect(now.findings[0]).toMatchObject({ kind: 'slow_statement', cause: { zh: expect.stringContaining('pg_sleep') } })
  expect(now.notSeen.find(({ what }) => what === 'statements')?.reason.zh).toContain('pg_stat_statements')
  await platform.store.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where state = 'active' and query like '%600%' and pid <> pg_backend_pid() and datname = current_database()`,
  )
  await running
  await client.end()
  const later = await analyzePerformance(platform, 30)
  expect(later.statements[0]).toMatchObject({
    statement: 'select pg_sleep(?), ?',
    seen: 'sampled',
    cause: { kind: 'sleeps' },
  })
})
