// Logs and events in one table or in one per day or week: `npx tsx test/bench/partitions.ts --store postgres://… [--rows 5000000] [--days 0|1|7]`.
// Thirty days of a runner's rows in a scratch database; then what is written, read and removed all day is timed.
import type pg from 'pg'
import { readEvents } from '../../shared/engine/read-events.ts'
import { readLogs } from '../../shared/engine/read-logs.ts'
import type { Queryable } from '../../shared/platform/store.ts'
import { optionsOf, scratchStore } from './scratch.ts'

const KEPT_DAYS = 30
const LINES_PER_TASK = 60
const EVENTS_PER_TASK = 12
const DAY_MS = 86_400_000
const FIRST_DAY = Date.parse('2025-06-01T00:00:00Z')

type Figures = Record<string, number | string>

const LOG_INDEXES = `
  create index on data_pipeline_task_logs (task_id, id);
  create index on data_pipeline_task_logs (execution_id);
  create index on data_pipeline_task_logs (timestamp desc);
  create index on data_pipeline_task_logs (log_level);
  create index on data_pipeline_task_logs (step_name);`

/** Makes both tables partitioned, with every index that they have today. */
async function partition(admin: pg.Client, days: number): Promise<void> {
  await admin.query(`
    alter table data_pipeline_task_logs rename to old_logs;
    alter table task_events rename to old_events;
    create table data_pipeline_task_logs (
      like old_logs including defaults including constraints,
      primary key (id, timestamp)
    ) partition by range (timestamp);
    create table task_events (
      like old_events including defaults including constraints,
      primary key (task_id, seq, created_at)
    ) partition by range (created_at);
    ${LOG_INDEXES}
    create table logs_default partition of data_pipeline_task_logs default;
    create table events_default partition of task_events default;`)
  for (let day = 0; day < KEPT_DAYS + 2; day += days) {
    const range = `from ('${dayText(day)}') to ('${dayText(day + days)}')`
    await admin.query(`create table logs_${day} partition of data_pipeline_task_logs for values ${range};
      create table events_${day} partition of task_events for values ${range}`)
  }
}

const dayText = (day: number) => new Date(FIRST_DAY + day * DAY_MS).toISOString()
const taskIdOf = (day: number, number: number) => `task_${dayText(day).slice(0, 10).replaceAll('-', '')}_${number}`

/** A day's tasks, executions, lines and events, in a few bulk statements. @returns seconds that the lines took */
async function fillDay(admin: pg.Client, day: number, tasks: number): Promise<number> {
  const prefix = taskIdOf(day, 0).slice(0, -1)
  const step = `(array['ddl_generation', 'qa_generation', 'sql_validation', 'training_load'])[1 + n % 4]`
  await admin.query(
    `insert into data_pipeline_tasks (id, task_type, status, parameters, created_at, concurrency_key)
     select '${prefix}' || t, 'complete_workflow', 'completed', '{}', $1::timestamptz + t * interval '24 hours' / $2, 'shop'
       from generate_series(1, $2::int) t`,
    [dayText(day), tasks],
  )
  await admin.query(
    `insert into data_pipeline_task_executions (execution_id, task_id, execution_step, status, created_at, run_id, available_at, timeout_ms)
     select '${prefix}' || t || '_' || n, '${prefix}' || t, ${step}, 'completed', $1::timestamptz, 'r', $1::timestamptz, 1
       from generate_series(1, $2::int) t, generate_series(0, 3) n`,
    [dayText(day), tasks],
  )
  const begun = performance.now()
  await admin.query(
    `insert into data_pipeline_task_logs (task_id, execution_id, log_level, message, step_name, module_name, timestamp, extra_data)
     select '${prefix}' || t, '${prefix}' || t || '_' || n % 4, case when n % 20 = 0 then 'WARNING' else 'INFO' end,
            'Reading table ' || md5((t * n)::text) || ' of the source, part ' || n, ${step}, 'DDLMDGenerator',
            $1::timestamptz + t * interval '24 hours' / $2 + n * interval '100 milliseconds', '{"claim": 1}'
       from generate_series(1, $2::int) t, generate_series(1, ${LINES_PER_TASK}) n`,
    [dayText(day), tasks],
  )
  const seconds = (performance.now() - begun) / 1_000
  await admin.query(
    `insert into task_events (task_id, seq, type, data, created_at)
     select '${prefix}' || t, n, 'progress', '{"status": "in_progress", "progress": 40, "step_status": {"ddl_generation": "completed"}}',
            $1::timestamptz + t * interval '24 hours' / $2
       from generate_series(1, $2::int) t, generate_series(1, ${EVENTS_PER_TASK}) n`,
    [dayText(day), tasks],
  )
  return seconds
}

/** Batches of ten lines, one statement each, as a worker's reports write them. @returns lines a second */
async function reportRate(admin: pg.Client, tasks: number): Promise<number> {
  const lines = Array.from({ length: 10 }, (_, index) => ({ message: `Reading table number ${index} of the source` }))
  const batches = 500
  const begun = performance.now()
  for (let batch = 0; batch < batches; batch += 1) {
    await admin.query(
      `insert into data_pipeline_task_logs (task_id, log_level, message, step_name, module_name, timestamp)
       select $1, 'INFO', l.message, 'ddl_generation', 'DDLMDGenerator', $2 from jsonb_to_recordset($3::jsonb) as l (message text)`,
      [taskIdOf(KEPT_DAYS - 1, 1 + (batch % tasks)), dayText(KEPT_DAYS), JSON.stringify(lines)],
    )
  }
  return Math.round((batches * lines.length * 1_000) / (performance.now() - begun))
}

async function medianMs(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let index = 0; index < times; index += 1) {
    const begun = performance.now()
    await work(index)
    taken.push(performance.now() - begun)
  }
  return Number((taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0).toFixed(2))
}

async function timed(admin: pg.Client, name: string, figures: Figures, work: () => Promise<unknown>): Promise<void> {
  const lsn = async () => Number((await admin.query(`select (pg_current_wal_lsn() - '0/0')::text as b`)).rows[0].b)
  const before = await lsn()
  const begun = performance.now()
  await work()
  figures[`${name}.s`] = Number(((performance.now() - begun) / 1_000).toFixed(2))
  figures[`${name}.wal_mb`] = Math.round(((await lsn()) - before) / 1e6)
}

async function run(serverUrl: string, rows: number, days: number): Promise<Figures> {
  await using scratch = await scratchStore(serverUrl)
  const { admin } = scratch
  const tasks = Math.ceil(rows / LINES_PER_TASK / KEPT_DAYS)
  const figures: Figures = { layout: days === 0 ? 'one table' : `a partition per ${days} days`, rows }
  if (days > 0) await partition(admin, days)
  const fills: number[] = []
  for (let day = 0; day < KEPT_DAYS; day += 1) fills.push(await fillDay(admin, day, tasks))
  const rate = (part: number[]) => Math.round((part.length * tasks * LINES_PER_TASK) / part.reduce((a, b) => a + b, 0))
  figures['bulk insert, first five days, lines/s'] = rate(fills.slice(0, 5))
  figures['bulk insert, last five days, lines/s'] = rate(fills.slice(-5))
  await admin.query('vacuum analyze')
  figures['report, lines/s'] = await reportRate(admin, tasks)
  const store: Queryable = {
    query: async <Row>(text: string, values: readonly unknown[] = []) => {
      const answer = await admin.query(text, [...values])
      return { rows: answer.rows as Row[], rowCount: answer.rowCount ?? 0 }
    },
  }
  const some = (index: number) => taskIdOf((index * 7) % KEPT_DAYS, 1 + ((index * 131) % tasks))
  const page = { order: 'asc', after: null, limit: 101 } as const
  figures['log of a task, ms'] = await medianMs(200, (index) => readLogs(store, some(index), {}, page))
  figures['events of a task, ms'] = await medianMs(200, (index) => readEvents(store, some(index), 0, 100))
  figures['search in one day, ms'] = await medianMs(20, (index) =>
    admin.query(
      `select id from data_pipeline_task_logs where to_tsvector('simple', message) @@ to_tsquery('simple', 'reading')
        and timestamp >= $1 and timestamp < $2 order by timestamp desc limit 100`,
      [dayText((index * 7) % KEPT_DAYS), dayText(((index * 7) % KEPT_DAYS) + 1)],
    ),
  )
  const oldest = days === 7 ? 7 : 1
  figures['days removed'] = oldest
  await timed(admin, 'remove the oldest lines', figures, async () => {
    if (days === 0) {
      await admin.query('delete from data_pipeline_task_logs where timestamp < $1', [dayText(oldest)])
      await admin.query('delete from task_events where created_at < $1', [dayText(oldest)])
    } else await admin.query('drop table logs_0; drop table events_0')
  })
  if (days === 0) {
    await timed(admin, 'vacuum after it', figures, () => admin.query('vacuum data_pipeline_task_logs, task_events'))
  }
  await timed(admin, 'remove their tasks', figures, () =>
    admin.query('delete from data_pipeline_tasks where created_at < $1', [dayText(oldest)]),
  )
  await timed(admin, 'remove a day of tasks with their lines', figures, () =>
    admin.query('delete from data_pipeline_tasks where created_at < $1', [dayText(oldest + 1)]),
  )
  const size = await admin.query(
    `select sum(pg_total_relation_size(oid))::text as bytes, sum(pg_indexes_size(oid))::text as indexes
       from pg_class where relkind = 'r' and (relname like '%logs%' or relname like 'data_pipeline_task_logs')`,
  )
  figures['size of lines, MB'] = Math.round(Number(size.rows[0].bytes) / 1e6)
  figures['of that indexes, MB'] = Math.round(Number(size.rows[0].indexes) / 1e6)
  return figures
}

const options = optionsOf(process.argv.slice(2))
const store = options.get('store')
if (store === undefined) throw new Error('Say where a scratch database may be made: --store postgres://…')
const figures = await run(store, Number(options.get('rows') ?? 5_000_000), Number(options.get('days') ?? 0))
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
