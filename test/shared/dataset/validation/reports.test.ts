import { expect, test } from 'vitest'
import { buildQualityReport } from '../../../../shared/dataset/validation/quality-report.ts'
import { skeletonOf } from '../../../../shared/dataset/validation/skeleton.ts'
import {
  modificationsText,
  reportJson,
  summaryText,
  type ValidationRun,
} from '../../../../shared/dataset/validation/summary.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalogOf, pairOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()

async function run(): Promise<ValidationRun> {
  const report = await buildQualityReport(parser, {
    catalog: catalogOf({ a: { columns: { id: 'N', b_id: 'N' } }, b: { columns: { id: 'N' } } }, ['a(b_id) -> b(id)']),
    pairs: [
      pairOf('select id from a', { features: ['order_by'], hardness: 'easy' }),
      pairOf('select id from b', { features: ['count', 'order_by'], hardness: 'hard', status: 'repaired' }),
    ],
    executed: 2,
    nonEmpty: 2,
    dropped: { timeout: 1, empty: 2 },
    duplicatesRemoved: 3,
    sharpness: { sharp: 1, measured: 2 },
  })
  const was = pairOf('select idd\nfrom b', { question: '有多少？' })
  return {
    taskId: 'task_20250627_143052',
    database: 'test',
    startedAt: '2025-06-27T14:30:52',
    finishedAt: '2025-06-27T14:31:02',
    durationMs: 10_000,
    pairsRead: 8,
    pairsFile: 'qs_test_task_20250627_143052_pair.json',
    report,
    modifications: [
      {
        kind: 'repaired',
        pair: was,
        reason: 'unknown_column',
        detail: '',
        repairedSql: 'select id from b',
        how: 'column-name',
      },
      { kind: 'dropped', pair: was, reason: 'timeout', detail: 'statement timeout' },
    ],
  }
}

test('the quality report counts what was shipped and names what is missing', async () => {
  expect((await run()).report).toMatchObject({
    pairs: 2,
    executed: 2,
    non_empty: 2,
    repaired: 1,
    dropped: { empty: 2, timeout: 1 },
    duplicates_removed: 3,
    tables: { covered: 2, total: 2, missing: [] },
    views: { covered: 0, total: 0, missing: [] },
    columns: { covered: 2, total: 3, missing: [{ name: 'a.b_id', reason: 'not_used' }] },
    foreign_keys: { covered: 0, total: 1, missing: [{ name: 'a(b_id) -> b(id)', reason: 'not_used' }] },
    features: { count: 1, order_by: 2 },
    hardness: { easy: 1, medium: 0, hard: 1, extra: 0 },
    skeletons: 1,
    sharp: 0.5,
    sharp_measured: 2,
  })
})

test('a skeleton forgets names and values, not the form', async () => {
  const skeleton = async (sql: string) => skeletonOf(await parser.parse(sql))
  const original = await skeleton(`select a.x as "总数", count(*) from a where y = 'v' group by 1 limit 5`)
  expect(await skeleton(`select z, count(*) as n from b where w = 3 group by 2 limit 9`)).toBe(original)
  expect(await skeleton(`select z, sum(q) from b where w = 3 group by 1 limit 9`)).not.toBe(original)
  expect(await skeleton(`select z, count(*) from b where w = 3 group by 1`)).not.toBe(original)
})

test.each([
  ['zh', ['任务: task_20250627_143052', '读取问答对: 8', '保留: 2', 'timeout: 1', '有效率: 25.0 %']],
  ['en', ['Task: task_20250627_143052', 'Pairs read: 8', 'Kept: 2', 'tables: 2/2', 'Valid: 25.0 %']],
] as const)('the summary in %s tells a person what happened', async (language, expected) => {
  const text = summaryText(await run(), language)
  for (const line of expected) expect(text).toContain(line)
})

test('the report and the log of modifications show both statements of a repaired pair', async () => {
  const report: unknown = JSON.parse(reportJson(await run()))
  expect(report).toMatchObject({
    task_id: 'task_20250627_143052',
    repaired: [{ sql: 'select idd\nfrom b', repaired_sql: 'select id from b', repaired_by: 'column-name' }],
    dropped: [{ reason: 'timeout', detail: 'statement timeout' }],
  })
  const log = modificationsText(await run(), 'zh')
  expect(log).toContain('原 SQL: select idd from b')
  expect(log).toContain('新 SQL: select id from b')
  expect(modificationsText({ ...(await run()), modifications: [] }, 'en')).toContain('not changed')
})
