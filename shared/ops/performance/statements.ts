import type { Platform } from '../../platform/platform.ts'
import type { Store } from '../../platform/store.ts'
import { serverAge } from '../database/server-time.ts'
import { statementShape } from '../database/statement-shape.ts'
import { type FullScan, fullScanOf } from './explain.ts'

/** A statement that costs much, without its values. */
export interface StatementFigures {
  readonly statement: string
  /** `counted` by pg_stat_statements since its last reset, `running` now, `sampled` once a minute while it ran. */
  readonly seen: 'counted' | 'running' | 'sampled'
  readonly calls: number
  readonly totalSeconds: number
  readonly meanSeconds: number
  readonly maxSeconds: number
  readonly rows: number | null
  readonly cause: StatementCause
}

export type StatementCause =
  | { readonly kind: 'waits_for_lock'; readonly blockedBy: readonly number[] }
  | { readonly kind: 'sleeps' }
  | ({ readonly kind: 'full_scan' } & FullScan)
  | { readonly kind: 'spills'; readonly bytes: number }
  | { readonly kind: 'reads_disk'; readonly share: number }
  | { readonly kind: 'many_rows'; readonly rows: number }
  | { readonly kind: 'called_often'; readonly calls: number }
  | { readonly kind: 'waits'; readonly for: string }
  | { readonly kind: 'computes' }

export interface StatementReport {
  readonly statements: readonly StatementFigures[]
  /** Whether the server counts statements: else only those that run while somebody looks are seen. */
  readonly counted: boolean
}

const LISTED_MAX = 20
const EXPLAINED_MAX = 5 // planning is cheap, five times
const RUNNING_SECONDS_MIN = 1
const SAMPLED_MAX = 10
const METRIC = 'statement_seconds'

const EXTENSION = `
  select format('%I', n.nspname) as schema
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'pg_stat_statements'`

const COUNTED = (schema: string) => `
  select query, calls, total_exec_time / 1000 as total, mean_exec_time / 1000 as mean, max_exec_time / 1000 as max, rows,
         shared_blks_hit as hit, shared_blks_read as read, temp_blks_written as spilled
    from ${schema}.pg_stat_statements
   where dbid = (select oid from pg_database where datname = current_database()) and userid = current_user::regrole::oid
     and query !~* '^(\\s|--[^\\n]*\\n)*(begin|commit|rollback|set|savepoint|release|deallocate|vacuum|analyze|create|alter|drop)\\y'
   order by total_exec_time desc
   limit ${LISTED_MAX}`

const RUNNING = `
  select s.query, ${serverAge('s.query_start')} as seconds, s.wait_event_type || '/' || s.wait_event as waits_for,
         case when s.wait_event_type = 'Lock' then pg_blocking_pids(s.pid) else '{}' end as blocked_by
    from pg_stat_activity s
   where s.datname = current_database() and s.backend_type = 'client backend' and s.state = 'active'
     and s.pid <> pg_backend_pid()
     and ${serverAge('s.query_start')} > ${RUNNING_SECONDS_MIN}
   order by s.query_start
   limit ${LISTED_MAX}`

const SAMPLED = `
  select labels ->> 'statement' as statement, labels ->> 'waits_for' as waits_for, max(value) as max, count(*) as samples
    from metric_samples
   where metric = '${METRIC}' and at >= $1 and at <= $2
   group by 1, 2
   order by 3 desc
   limit ${LISTED_MAX}`

const SAMPLE = `
  insert into metric_samples (metric, labels, at, value, instance)
  select '${METRIC}', labels, $2::timestamptz, max(seconds), ''
    from jsonb_to_recordset($1::jsonb) as s (labels jsonb, seconds float8)
   group by labels
      on conflict do nothing`

/** Notes which statements have run for more than a second: what is over when somebody asks has been seen. */
export async function sampleStatements({ store, clock }: Pick<Platform, 'store' | 'clock'>): Promise<number> {
  if (store.kind === 'embedded') return 0 // its one connection runs this very statement
  const { rows } = await store.query<RunningRow>(RUNNING)
  const samples = rows.slice(0, SAMPLED_MAX).map(({ query, seconds, waits_for }) => {
    return { labels: { statement: statementShape(query), waits_for: waits_for ?? '' }, seconds }
  })
  if (samples.length > 0) await store.query(SAMPLE, [JSON.stringify(samples), clock.now()])
  return samples.length
}

/** The same for whoever has more important things to do: what fails is logged. */
export async function noteStatements(platform: Platform): Promise<void> {
  await sampleStatements(platform).catch((cause: unknown) => {
    platform.log('background.failed', { what: 'sample statements', message: String(cause) })
  })
}

/** Statements on this database that cost the most: as the server counts them, as they run now, as they were seen to run. */
export async function statementReport(store: Store, from: Date, to: Date): Promise<StatementReport> {
  const counted = await countedStatements(store)
  const running = store.kind === 'embedded' ? [] : (await store.query<RunningRow>(RUNNING)).rows
  const now = await Promise.all(running.map((row) => runningFigures(store, row)))
  const { rows: sampled } = await store.query<SampledRow>(SAMPLED, [from, to])
  const known = new Set([...now, ...(counted ?? [])].map(({ statement }) => statement))
  const before = sampled.filter(({ statement }) => !known.has(statement)).map(sampledFigures)
  const statements = [...now, ...before, ...(counted ?? [])].toSorted(
    (one, other) => other.totalSeconds - one.totalSeconds,
  )
  return { statements: statements.slice(0, LISTED_MAX), counted: counted !== null }
}

/** Null where the server does not count them, or not for this role. */
async function countedStatements(store: Store): Promise<StatementFigures[] | null> {
  const [extension] = (await store.query<{ schema: string }>(EXTENSION)).rows
  if (extension === undefined) return null
  const answer = await store.query<CountedRow>(COUNTED(extension.schema)).catch(() => null) // installed, and not loaded
  if (answer === null) return null
  const figures: StatementFigures[] = []
  for (const [place, row] of answer.rows.entries()) {
    const scan = place < EXPLAINED_MAX && row.mean > 0.01 ? await fullScanOf(store, row.query) : null
    figures.push({
      statement: statementShape(row.query),
      seen: 'counted',
      calls: row.calls,
      totalSeconds: row.total,
      meanSeconds: row.mean,
      maxSeconds: row.max,
      rows: row.rows,
      cause: causeOf(row, scan),
    })
  }
  return figures
}

/** Pure: what costs the time, from the counters and the plan of a statement. */
export function causeOf(row: Omit<CountedRow, 'query' | 'total' | 'max'>, scan: FullScan | null): StatementCause {
  const { calls, mean, rows, hit, read, spilled } = row
  if (scan !== null) return { kind: 'full_scan', ...scan }
  if (spilled > 0 && mean > 0.05) return { kind: 'spills', bytes: (spilled * 8192) / calls }
  if (read > 1_000 && read > hit) return { kind: 'reads_disk', share: read / (hit + read) }
  if (rows / calls > 5_000) return { kind: 'many_rows', rows: Math.round(rows / calls) }
  if (calls > 10_000 && mean < 0.005) return { kind: 'called_often', calls }
  return { kind: 'computes' }
}

async function runningFigures(store: Store, row: RunningRow): Promise<StatementFigures> {
  const waiting = waitCause(row.waits_for, row.blocked_by)
  const scan = waiting === null ? await fullScanOf(store, row.query) : null
  const cause = waiting ?? (scan === null ? { kind: 'computes' as const } : { kind: 'full_scan' as const, ...scan })
  return once(statementShape(row.query), 'running', row.seconds, 1, cause)
}

function sampledFigures({ statement, waits_for: waitsFor, max, samples }: SampledRow): StatementFigures {
  return once(
    statement,
    'sampled',
    max,
    samples,
    waitCause(waitsFor === '' ? null : waitsFor, []) ?? { kind: 'computes' },
  )
}

function once(
  statement: string,
  seen: StatementFigures['seen'],
  seconds: number,
  calls: number,
  cause: StatementCause,
): StatementFigures {
  return { statement, seen, calls, totalSeconds: seconds, meanSeconds: seconds, maxSeconds: seconds, rows: null, cause }
}

function waitCause(waitsFor: string | null, blockedBy: readonly number[]): StatementCause | null {
  if (waitsFor === null) return null
  if (waitsFor.startsWith('Lock/')) return { kind: 'waits_for_lock', blockedBy }
  if (waitsFor === 'Timeout/PgSleep') return { kind: 'sleeps' }
  return waitsFor.startsWith('IO/') || waitsFor.startsWith('IPC/') ? null : { kind: 'waits', for: waitsFor }
}

interface CountedRow {
  query: string
  calls: number
  total: number
  mean: number
  max: number
  rows: number
  hit: number
  read: number
  spilled: number
}

interface RunningRow {
  query: string
  seconds: number
  waits_for: string | null
  blocked_by: number[]
}

interface SampledRow {
  statement: string
  waits_for: string
  max: number
  samples: number
}
