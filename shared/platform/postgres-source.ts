import PQueue from 'p-queue'
import pg from 'pg'
import { CONNECTION_SHARES } from './envelope.ts'
import { maskUrl } from './mask.ts'
import { textTypes } from './postgres-values.ts'
import { Problem } from './problems.ts'
import type { ReadAnswer, ReadLimits, Source } from './source.ts'
import type { Queryable } from './store.ts'
import { UNSTOPPABLE_COST_MAX } from './unstoppable-cost.ts'
import { withinWireLimit } from './wire-limit.ts'

const CONNECT_MS_MAX = 5_000
const WORK_MS_MAX = 60_000
const LOCK_MS_MAX = 3_000 // reading waits only for DDL on the same table; a migration there is not ours to queue behind
const ANSWER_SLACK_MS = 5_000 // a live server cancels by itself; past this the connection is dead
const FIRST_FETCH_ROWS = 64 // small, so that wide rows show their size before many are asked for
const FETCH_ROWS_MAX = 2_000

// In one trip. Everything is local to the transaction, as a transaction pooler demands. The zone and styles make every
// value's text deterministic. Compiling a plan pays for itself after seconds; ours would wait for the compiler alone: the
// planner takes our reading of a small catalog for a thousand times what it is.
const begin = (timeoutMs: number, lockMs: number) => `
  begin transaction isolation level repeatable read read only;
  set local statement_timeout = ${timeoutMs};
  set local lock_timeout = ${lockMs};
  set local timezone = 'UTC';
  set local datestyle = 'ISO, MDY';
  set local intervalstyle = 'postgres';
  set local synchronize_seqscans = off;
  set local jit = off;
  select pg_backend_pid() as pid`
// A statement that has taken its own time limit away, or computes where no signal is heard, is ended with its session.
const END_SESSION = 'select pg_terminate_backend($1)'
// A lock that a function took for the session would outlive the transaction, and wait in the pool.
const ROLLBACK = 'rollback; select pg_advisory_unlock_all()'
const DATABASE = 'select current_database() as database'

export interface PostgresSourceOptions {
  readonly name: string
  /** What the source reports as its database; `current_database()` when absent. The embedded one can't be named. */
  readonly database?: string
  /** With `max: 1` on the embedded database. Its clients should be made with `types: textTypes`. */
  readonly pool: pg.Pool
  /** False where `statement_timeout` has no effect: `read` then refuses what the planner finds too dear. */
  readonly stopsStatements: boolean
  /** The pool ends with the source. */
  readonly owned?: boolean
}

/**
 * The driver over a `pg` pool. Every transaction is rolled back, never committed.
 * @throws {Problem} `source_unreachable`, `source_refused`
 */
export async function postgresSource(options: PostgresSourceOptions): Promise<Source> {
  const { name, pool, stopsStatements } = options
  // Who waits behind slow statements of our own is not told that the source does not answer.
  const turns = new PQueue({ concurrency: pool.options.max })
  const transaction = <T>(work: (client: pg.PoolClient) => Promise<T>, timeoutMs: number): Promise<T> =>
    turns.add(() => inTransaction(options, work, timeoutMs))
  const explain = (sql: string, timeoutMs: number) =>
    transaction((client) => explainOn(client, sql, answerMs(options, timeoutMs)), timeoutMs)

  const database = await connected(name, () =>
    usingClient(pool, async (client) => {
      const row: unknown = (await client.query<{ database: string }>(DATABASE)).rows[0]?.database
      return String(row)
    }),
  )

  return {
    name,
    database: options.database ?? database,
    stopsStatements,
    readOnly: (work, timeoutMs = WORK_MS_MAX) =>
      transaction((client) => work(queryable(client, answerMs(options, timeoutMs))), timeoutMs),
    async read(sql, limits) {
      const waitMs = answerMs(options, limits.timeoutMs)
      const work = async (client: pg.PoolClient) => {
        const { costMax = Number.POSITIVE_INFINITY, rowsPlannedMax = Number.POSITIVE_INFINITY } = limits
        if (!stopsStatements || Math.min(costMax, rowsPlannedMax) < Number.POSITIVE_INFINITY) {
          const plan = await explainOn(client, sql + (limits.comment ?? ''), waitMs)
          refuseTooDear('cost', plan.cost, costMax, '54000')
          refuseTooDear('number of rows', plan.rows, rowsPlannedMax, '54000')
          if (!stopsStatements) refuseTooDear('cost', plan.cost, UNSTOPPABLE_COST_MAX, '57014')
        }
        return await readOn(client, sql, limits, waitMs)
      }
      const bounded = (client: pg.PoolClient) => withinWireLimit(client, () => work(client))
      return transaction(stopsStatements ? bounded : work, limits.timeoutMs)
    },
    explain,
    async [Symbol.asyncDispose]() {
      if (options.owned === true) await pool.end()
    },
  }
}

export interface ConnectOptions {
  /** A business database is a guest's house: profiling and validation share these. Default 4. */
  readonly connectionsMax?: number
  /** Called for each connection that is made. */
  readonly onConnect?: ((connection: { once(event: 'end', listener: () => void): unknown }) => void) | undefined
}

/**
 * Opens a business database by URL with a small pool of its own, and proves that it answers.
 * @throws {Problem} `source_unreachable`, or `source_refused` for a wrong password, database or permission
 */
export async function openPostgresSource(name: string, url: string, options: ConnectOptions = {}): Promise<Source> {
  const { connectionsMax = CONNECTION_SHARES.source, onConnect } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: 10_000,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'helix',
    types: textTypes,
  })
  // Without a listener an idle connection that the server closes would end the process; the pool replaces it anyway.
  pool.on('error', () => undefined)
  if (onConnect !== undefined) pool.on('connect', onConnect)
  try {
    return await postgresSource({ name, pool, stopsStatements: true, owned: true })
  } catch (error) {
    await pool.end()
    if (!(error instanceof Problem)) throw error
    const options = error.hint === undefined ? {} : { hint: error.hint }
    throw new Problem(error.code, `${error.message} at ${maskUrl(url)}`, { ...options, cause: error.cause })
  }
}

async function inTransaction<T>(
  { name, pool, stopsStatements }: PostgresSourceOptions,
  work: (client: pg.PoolClient) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  return await connected(name, async () => {
    let pid: number | undefined
    try {
      return await usingClient(pool, async (client) => {
        const timeout = stopsStatements ? Math.max(1, Math.round(timeoutMs)) : 0
        pid = await sessionOf(client, begin(timeout, LOCK_MS_MAX))
        return await work(client)
      })
    } catch (error) {
      if (pid === undefined || !isUnanswered(error)) throw error
      throw await unansweredError(pool, pid, error)
    }
  })
}

/** Sends several statements at once. @returns the answer of the last one, which asks for the session's process */
async function sessionOf(client: pg.PoolClient, statements: string): Promise<number | undefined> {
  const answers: unknown = await client.query(statements)
  const last = Array.isArray(answers) ? (answers as readonly pg.QueryResult<{ pid: number }>[]).at(-1) : undefined
  return last?.rows[0]?.pid
}

/** Tells a statement that outlived its time from a server that is gone: the one lets its session be ended. */
async function unansweredError(pool: pg.Pool, pid: number, error: unknown): Promise<unknown> {
  try {
    await pool.query(END_SESSION, [pid])
  } catch {
    return error
  }
  const message = 'canceling statement: it went on when its time was up, so its session was ended'
  return Object.assign(new Error(message, { cause: error }), { code: '57014' })
}

function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Query read timeout')
}

/** Lends a connection and rolls back whatever was begun on it; one that can't even do that is thrown away. */
async function usingClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const ignore = () => undefined // a connection that breaks while lent fails its query; the event must not end the process
  client.on('error', ignore)
  let broken = false
  try {
    return await work(client)
  } catch (error) {
    broken = isUnanswered(error) // a rollback would wait behind the statement
    throw error
  } finally {
    try {
      if (!broken) await client.query(ROLLBACK)
    } catch {
      broken = true
    }
    client.off('error', ignore)
    client.release(broken)
  }
}

async function readOn(client: pg.PoolClient, sql: string, limits: ReadLimits, waitMs: number): Promise<ReadAnswer> {
  const { comment = '' } = limits
  await client.query(single(`declare helix_read no scroll cursor for ${sql}${comment}`, waitMs))
  const rows: Record<string, unknown>[] = []
  let columns: string[] = []
  let bytes = 0
  let wanted = FIRST_FETCH_ROWS
  while (true) {
    const ask = Math.min(wanted, limits.rowsMax + 1 - rows.length)
    const fetch = `fetch forward ${ask} from helix_read${comment}`
    const answer = await client.query<Record<string, unknown>>(single(fetch, waitMs))
    columns = answer.fields.map((field) => field.name)
    for (const row of answer.rows) {
      bytes += Buffer.byteLength(JSON.stringify(row)) + 1
      if (rows.length >= limits.rowsMax || bytes > limits.bytesMax) return { columns, rows, truncated: true }
      rows.push(row)
    }
    if (answer.rows.length < ask) return { columns, rows, truncated: false }
    wanted = Math.min(FETCH_ROWS_MAX, Math.max(1, Math.floor((limits.bytesMax - bytes) / (bytes / rows.length)) + 1))
  }
}

interface ExplainRow {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Total Cost': number; readonly 'Plan Rows': number } }[]
}

async function explainOn(client: pg.PoolClient, sql: string, waitMs: number): Promise<{ cost: number; rows: number }> {
  const answer = await client.query<ExplainRow>(single(`explain (format json) ${sql}`, waitMs))
  const plan = answer.rows[0]?.['QUERY PLAN'][0]?.Plan
  return { cost: plan?.['Total Cost'] ?? 0, rows: plan?.['Plan Rows'] ?? 0 }
}

/** The extended protocol takes one statement only: a second one behind a semicolon is a syntax error. */
function single(text: string, waitMs: number): pg.QueryConfig {
  const query: pg.QueryConfig & { queryMode: 'extended'; query_timeout: number } = {
    text,
    queryMode: 'extended',
    query_timeout: waitMs,
  }
  return query
}

function queryable(client: pg.PoolClient, waitMs: number): Queryable {
  return {
    async query<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []) {
      const query: pg.QueryConfig & { query_timeout: number } = { text, values: [...values], query_timeout: waitMs }
      const answer = await client.query(query)
      return { rows: answer.rows as Row[], rowCount: answer.rowCount ?? 0 }
    },
  }
}

/** How long to wait for an answer; the embedded database shares our thread, so a timer would only come too late. */
function answerMs({ stopsStatements }: PostgresSourceOptions, timeoutMs: number): number {
  return stopsStatements ? timeoutMs + ANSWER_SLACK_MS : 0
}

/** @param code 57014 is query_canceled, as a timeout would say; 54000 is program_limit_exceeded */
function refuseTooDear(what: string, planned: number, max: number, code: '57014' | '54000'): void {
  if (planned <= max) return
  const message = `canceling statement: its planned ${what} ${Math.round(planned)} exceeds ${max}`
  throw Object.assign(new Error(message), { code })
}

/** Turns failures of the connection into problems; the database's verdicts on a statement pass unchanged. */
async function connected<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const kind = connectionFailure(error)
    if (kind === null) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem(kind, `Cannot use the source "${name}" (${reason})`, { hint: HINTS[kind], cause: error })
  }
}

const HINTS = {
  source_unreachable: 'Check that the database server runs and that its host and port are right',
  source_refused: 'Check user, password and database name, and that the user may connect',
} as const

const REFUSALS: ReadonlySet<string> = new Set(['28P01', '28000', '3D000'])
// Shutdowns and crashes; "too many connections"; the errors of a socket. A statement's own errors are none of these.
const UNREACHABLE = /^(08...|57P0[1-5]|53300|E[A-Z]{3,})$/
const UNREACHABLE_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered|proxy request failed|Network connection lost)/

function connectionFailure(error: unknown): keyof typeof HINTS | null {
  if (!(error instanceof Error) || error instanceof Problem) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // Permission to connect is refused while connecting; later the same code speaks about one table.
  if (REFUSALS.has(code) || (code === '42501' && error.message.includes('for database'))) return 'source_refused'
  return UNREACHABLE.test(code) || UNREACHABLE_TEXT.test(error.message) ? 'source_unreachable' : null
}
