import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readLogs } from '../../../shared/engine/read-logs.ts'
import { BLOCK_LINES, foldLogs } from '../../../shared/ops/logs/fold.ts'
import { type LogSearch, searchLogs } from '../../../shared/ops/logs/search.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { openServerStore } from '../../../shared/platform/postgres-store.ts'
import type { Store } from '../../../shared/platform/store.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { insertTask } from '../../support/store-factory.ts'
import { optionsOf, scratchStore } from '../scratch.ts'

/**
 * How long a search through a million lines takes, and what it costs to make them findable.
 * `npm run bench:logs -- [--lines 1000000] [--database postgres://…] [--write]`
 */
const options = optionsOf(process.argv.slice(2))
const lines = Number(options.get('lines') ?? 1_000_000)
const server = options.get('database') ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const TASKS = 1_000
const BATCH = 5_000
const ROUNDS = 21

// As the steps write them: mostly the same words, other numbers and names.
const INSERT = `
  insert into data_pipeline_task_logs
         (task_id, log_level, message, step_name, module_name, timestamp, extra_data)
  select 'task_20250627_' || lpad((n * $3 / $4)::text, 6, '0'),
         (array['INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'INFO', 'WARNING', 'INFO', 'INFO', 'INFO', 'ERROR'])[1 + n % 11],
         case n % 5
           when 0 then '正在处理表 bss_' || md5((n % 400)::text) || '（' || n % 97 || '/97），共 ' || n * 37 || ' 行'
           when 1 then 'Reading table ' || (array['customers', 'orders', 'invoices', 'payments', 'rental'])[1 + n % 5] || '_' || n % 1009 || ': ' || n % 50021 || ' rows in ' || n % 877 || ' ms'
           when 2 then '生成问答对 ' || n || '：按' || (array['月', '季度', '服务区', '车型', '路段'])[1 + (n / 7) % 5] || '统计' || (array['收入', '车流量', '投诉数', '平均停留'])[1 + (n / 3) % 4]
           when 3 then 'SQL validated: SELECT count(*) FROM t' || n % 2003 || ' WHERE created_at > ''2025-0' || 1 + n % 9 || '-01'' (' || n % 71 || ' rows)'
           else '第 ' || n % 4001 || ' 批已写入训练库，向量 ' || n % 613 || ' 条'
         end || case when n = $5 then ' the quokka 树袋熊 sleeps 918273645' else '' end,
         'qa_generation', 'QuestionSQLGenerator', timestamptz '2025-06-27 06:30:52Z' + n * interval '50 ms', '{}'
    from generate_series($1::integer, $2::integer - 1) n`

await using scratch = await scratchStore(server)
const { store } = openServerStore(scratch.url)
const clock = manualClock()
const platform = { store, clock } as unknown as Platform

for (let task = 0; task < TASKS; task++) await insertTask(store, { id: taskName(task) })
const inserted = await timed(async () => {
  for (let from = 0; from < lines; from += BATCH) {
    await store.query(INSERT, [from, Math.min(lines, from + BATCH), TASKS, lines, Math.floor(lines / 3)])
  }
})
let folded = 0
const folding = await timed(async () => {
  await foldLogs(platform)
  while (lines - folded >= BLOCK_LINES) {
    await clock.advance(60_000)
    folded += (await foldLogs(platform)).lines
  }
})
await store.query('vacuum analyze')
const sizes = await sizesOf(store)

const SEARCHES: readonly (readonly [string, LogSearch])[] = [
  ['a word that one line has', { q: 'quokka' }],
  ['a part of it', { q: 'uokk' }],
  ['a Chinese word that one line has', { q: '树袋熊' }],
  ['a number that one line has', { q: '918273645' }],
  ['a word that no line has', { q: 'zebrafish' }],
  ['a word that a fifth of the lines has', { q: 'reading' }],
  ['a Chinese word that a fifth has', { q: '训练库' }],
  ['the id of a task', { q: taskName(431) }],
  ['two letters that no line has, on one page', { q: 'zx' }],
  ['errors with a word', { q: 'customers', level: 'ERROR' }],
  ['within a task, a word', { q: 'payments', taskId: taskName(17) }],
  ['within a task, two letters', { q: 'zx', taskId: taskName(17) }],
]
const rows: string[][] = []
for (const [what, search] of SEARCHES) {
  const times: number[] = []
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    times.push(
      await timed(async () => {
        found = (await searchLogs(store, search, { before: null, limit: 100 })).lines.length
      }),
    )
  }
  rows.push([what, String(found), ...quantiles(times)])
}
const within: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  within.push(await timed(() => readLogs(store, taskName(17), { q: 'zx' }, { order: 'asc', after: null, limit: 100 })))
}
rows.push(["a task's own log, any substring", '0', ...quantiles(within)])
await store.close()

const text = `# How fast logs are searched

Written by \`npm run bench:logs -- --write\`: ${lines.toLocaleString('en')} lines of ${TASKS.toLocaleString('en')} tasks on a server, ${cpus().length} cores,
load ${(loadavg()[0] ?? 0).toFixed(1)}; each search ${ROUNDS} times, the newest 100 lines of it.

| | |
| --- | --- |
| writing the lines | ${((inserted / lines) * 1000).toFixed(1)} µs a line; no index serves the search, so it costs nothing here |
| folding them into blocks, later | ${((folding / Math.max(1, folded)) * 1000).toFixed(1)} µs a line (${folded.toLocaleString('en')} lines) |
| the lines, the blocks, their index | ${sizes.join(', ')} |

| looked for | found | p50 ms | slowest ms |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`
process.stdout.write(text)
if (options.has('write')) writeFileSync(fileURLToPath(new URL('README.md', import.meta.url)), text)

function taskName(task: number): string {
  return `task_20250627_${String(task).padStart(6, '0')}`
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function quantiles(times: readonly number[]): string[] {
  const sorted = times.toSorted((one, other) => one - other)
  return [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0].map((ms) => ms.toFixed(1))
}

async function sizesOf(from: Store): Promise<string[]> {
  const { rows } = await from.query<Record<string, string>>(`
    select pg_size_pretty(pg_table_size('data_pipeline_task_logs')) as lines,
           pg_size_pretty(pg_table_size('log_blocks')) as blocks,
           pg_size_pretty(pg_relation_size('idx_log_blocks_grams')) as index`)
  return Object.values(rows[0] ?? {})
}
