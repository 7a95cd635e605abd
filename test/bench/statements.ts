// What one task costs: `npx tsx test/bench/statements.ts --store postgres://… [--source postgres://…] [--tables a,b] [--json]`.
// The store is a scratch database on the given server. The embedder stands in for an endpoint: its calls are counted
// and cost no CPU here, as on a cloud.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { openTriggers } from '../../functions/triggers.ts'
import { systemClock } from '../../local/drivers/system-clock.ts'
import { systemRandom } from '../../local/drivers/system-random.ts'
import { openBroker } from '../../local/queue/broker.ts'
import { startConsumer } from '../../local/queue/consumer.ts'
import { openLocalPlatform } from '../../local/runner/open-platform.ts'
import { StepRoom } from '../../local/runner/step-room.ts'
import { parseConfig } from '../../shared/platform/config.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { tinyEmbedder } from '../support/tiny-embedder.ts'
import {
  type Counts,
  countedEmbedder,
  countedFiles,
  countedLlm,
  countedQueue,
  counting,
  countStatements,
} from './counting.ts'
import { cpuMsOf, optionsOf, type ScratchStore, scratchStore } from './scratch.ts'

/** One task measured: per part of it, and its rows. */
export interface Measured {
  readonly source: string
  readonly tables: number
  readonly pairs: number
  readonly parts: Readonly<Record<string, Counts>>
  readonly total: Counts
  /** Bytes of the rows that stay for as long as the task is kept, without indexes. */
  readonly keptBytes: Readonly<Record<string, number>>
  /** Rows inserted, updated and deleted per table of the store. */
  readonly rows: Readonly<Record<string, readonly [inserted: number, updated: number, deleted: number]>>
}

interface Bench {
  readonly parts: Record<string, Counts>
  start(body: unknown): Promise<string>
  close(): Promise<void>
}

const POLL_MS = 100

/** Runs the main job twice and measures the second run: the first one warms caches and pages. */
export async function measure(serverUrl: string, source: string | null, tables: string[] | null): Promise<Measured> {
  await using scratch = await scratchStore(serverUrl)
  const { admin } = scratch
  const directory = await mkdtemp(join(tmpdir(), 'helix-bench-'))
  const takeOff = countStatements(scratch.database)
  try {
    const request = { db_name: source === null ? undefined : 'bench', language: 'en', table_list: tables ?? undefined }
    await runTask(scratch, source, directory, request)
    await admin.query('delete from langchain_pg_embedding')
    await admin.query('delete from training_items')
    const before = await rowsWritten(admin)
    const { taskId, parts } = await runTask(scratch, source, directory, request)
    const rows = subtract(await rowsWritten(admin), before)
    const name = source === null ? 'sample' : new URL(source).pathname.slice(1)
    const keptBytes = await bytesKept(admin, taskId)
    return { source: name, ...(await sizeOf(admin, taskId)), keptBytes, parts, total: sum(Object.values(parts)), rows }
  } finally {
    takeOff()
    await rm(directory, { recursive: true, force: true })
  }
}

async function openBench(scratch: ScratchStore, source: string | null, directory: string): Promise<Bench> {
  const parts: Record<string, Counts> = {}
  const config = parseConfig({
    DATABASE_URL: scratch.url,
    HELIX_DATA_DIR: directory,
    HELIX_FILES_ROOT: join(directory, 'files'),
    ...(source === null ? {} : { HELIX_SOURCE_BENCH_URL: source }),
  })
  const triggers = openTriggers(FUNCTIONS, [])
  const clock = systemClock(undefined)
  const log = () => undefined
  const inPart = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const counts: Counts = {}
    parts[name] = counts
    const walBefore = await walPosition(scratch.admin)
    const storeBefore = await storeCpuMs(scratch.admin)
    const cpu = process.cpuUsage()
    const begun = performance.now()
    const answer = await counting(counts, work)
    const used = process.cpuUsage(cpu)
    counts['wall.ms'] = Math.round(performance.now() - begun)
    counts['cpu.ms'] = Math.round((used.user + used.system) / 1_000)
    counts['store.cpu_ms'] = Math.round(10 * ((await storeCpuMs(scratch.admin)) - storeBefore)) / 10
    counts['store.wal_bytes'] = await walBytes(scratch.admin, walBefore)
    return answer
  }
  const dispatch: Platform['dispatch'] = (message, handed) =>
    inPart(message.function, () => triggers.dispatch(platform, message, handed))
  const queue = openBroker({ clock, random: systemRandom, log })
  const room = new StepRoom(8)
  const local = await openLocalPlatform({ config, clock, log, workerId: 'bench:1', queue, triggers, room })
  const platform: Platform = {
    ...local.platform,
    files: countedFiles(local.platform.files),
    queue: countedQueue(queue),
    embedder: countedEmbedder(tinyEmbedder()),
    llm: local.platform.llm === null ? null : countedLlm(local.platform.llm),
    dispatch,
  }
  const consumer = startConsumer({ broker: queue, platform, concurrency: 8 })
  return {
    parts,
    async start(body) {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const request = new Request('http://helix/api/v0/data_pipeline/tasks/execute-complete', init)
      const response = await inPart('start', () => triggers.fetch(platform, request))
      const answer = (await response.json()) as { data?: { task_id: string } }
      if (answer.data === undefined) throw new Error(`The task was not started: ${JSON.stringify(answer)}`)
      return answer.data.task_id
    },
    async close() {
      await consumer.stop()
      await queue.stop()
      await local.deferred.idle()
      await local.close()
    },
  }
}

/** One task from its request to its end, on a platform of its own: connections tell what they wrote when they close. */
export async function runTask(
  scratch: ScratchStore,
  source: string | null,
  directory: string,
  body: unknown,
): Promise<{ taskId: string; parts: Record<string, Counts> }> {
  await scratch.admin.query('create extension if not exists pg_walinspect')
  const bench = await openBench(scratch, source, directory)
  try {
    const taskId = await bench.start(body)
    for (;;) {
      const { rows } = await scratch.admin.query(
        'select status, error_message from data_pipeline_tasks where id = $1',
        [taskId],
      )
      if (rows[0]?.status === 'completed') return { taskId, parts: bench.parts }
      if (rows[0]?.status === 'failed') throw new Error(rows[0].error_message)
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
  } finally {
    await bench.close()
  }
}

async function sizeOf(admin: pg.Client, taskId: string): Promise<Pick<Measured, 'tables' | 'pairs'>> {
  const { rows } = await admin.query<{ step: string; result: Record<string, number> }>(
    'select execution_step as step, execution_result as result from data_pipeline_task_executions where task_id = $1',
    [taskId],
  )
  const of = (step: string, name: string) => rows.find((row) => row.step === step)?.result[name] ?? 0
  return { tables: of('ddl_generation', 'tables'), pairs: of('training_load', 'sql') }
}

const KEPT = ['executions', 'logs', 'outputs']
  .map((name) => `data_pipeline_task_${name}`)
  .concat('task_checkpoints', 'task_events')

async function bytesKept(admin: pg.Client, taskId: string): Promise<Record<string, number>> {
  const parts = KEPT.map(
    (table) => `select '${table}' as name, sum(pg_column_size(t.*))::int as bytes from ${table} t where task_id = $1`,
  )
  const { rows } = await admin.query<{ name: string; bytes: number }>(
    `${parts.join(' union all ')} union all select 'data_pipeline_tasks', pg_column_size(t.*) from data_pipeline_tasks t where id = $1`,
    [taskId],
  )
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]))
}

async function walPosition(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ at: string }>('select pg_current_wal_insert_lsn()::text as at')
  return rows[0]?.at ?? ''
}

/** Written to the log about this database alone, without images of whole pages: those come once after each checkpoint. */
async function walBytes(admin: pg.Client, from: string): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>(
    `select coalesce(sum(record_length - fpi_length), 0) as bytes
       from pg_get_wal_records_info_till_end_of_wal($1::pg_lsn)
      where block_ref like '%/' || (select oid from pg_database where datname = current_database()) || '/%'`,
    [from],
  )
  return Number(rows[0]?.bytes ?? 0)
}

/** What the backends of the scratch store have computed, the one that asks left out; 0 where they can't be seen. */
async function storeCpuMs(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  return rows.reduce((total, { pid }) => total + cpuMsOf(pid), 0)
}

type Rows = Record<string, readonly [number, number, number]>

/** A connection reports its counts at the latest when it closes. */
async function rowsWritten(admin: pg.Client): Promise<Rows> {
  await new Promise((done) => setTimeout(done, 1_000))
  await admin.query('select pg_stat_clear_snapshot()')
  const { rows } = await admin.query(
    'select relname, n_tup_ins::int as i, n_tup_upd::int as u, n_tup_del::int as d from pg_stat_user_tables',
  )
  return Object.fromEntries(rows.map(({ relname, i, u, d }) => [relname, [i, u, d] as const]))
}

function subtract(after: Rows, before: Rows): Rows {
  const rest = Object.entries(after).map(([table, [i, u, d]]) => {
    const [bi, bu, bd] = before[table] ?? [0, 0, 0]
    return [table, [i - bi, u - bu, d - bd] as const] as const
  })
  return Object.fromEntries(rest.filter(([, counts]) => counts.some((count) => count !== 0)))
}

function sum(parts: readonly Counts[]): Counts {
  const total: Counts = {}
  for (const part of parts) {
    for (const [name, count] of Object.entries(part)) {
      total[name] = name.startsWith('peak.') ? Math.max(total[name] ?? 0, count) : (total[name] ?? 0) + count
    }
  }
  return total
}

function render({ source, tables, pairs, parts, total, rows }: Measured): string {
  const names = [...new Set(Object.keys(total))].toSorted()
  const columns = [...Object.keys(parts), 'total']
  const cell = (part: string, name: string) => String((part === 'total' ? total : parts[part])?.[name] ?? '')
  const table = names.map((name) => [name.padEnd(22), ...columns.map((part) => cell(part, name).padStart(15))].join(''))
  const written = Object.entries(rows).map(
    ([name, counts]) => `${name.padEnd(34)}${counts.map((count) => String(count).padStart(8)).join('')}`,
  )
  return [
    `${source}: ${tables} tables, ${pairs} pairs`,
    ['', ...columns.map((part) => part.padStart(15))].join('').padStart(22 + 15 * columns.length),
    ...table,
    `${'rows'.padEnd(34)}${['insert', 'update', 'delete'].map((kind) => kind.padStart(8)).join('')}`,
    ...written,
    '',
  ].join('\n')
}

if (process.argv[1]?.endsWith('statements.ts') === true) {
  const options = optionsOf(process.argv.slice(2))
  const store = options.get('store')
  if (store === undefined) throw new Error('Say where a scratch store may be made: --store postgres://…')
  const measured = await measure(store, options.get('source') ?? null, options.get('tables')?.split(',') ?? null)
  process.stdout.write(options.has('json') ? `${JSON.stringify(measured, null, 2)}\n` : render(measured))
}
