import pg from 'pg'
import { Problem } from './problems.ts'
import type { Queryable, Store } from './store.ts'
import { Together } from './together.ts'

/** How the sessions of the store's pools are told from others on the server: its care ends no others. */
export const APPLICATION_NAME = 'helix'

const CONNECTIONS_MIN = 5
const CONNECTIONS_MAX = 20
const CONNECT_MS_MAX = 5_000 // longer than any healthy handshake, shorter than a caller's patience
const IDLE_MS_MAX = 30_000
const STATEMENT_MS_MAX = 20_000 // a connection that has died in silence is given up well before a lease lapses
const RETRY_AFTER_SECONDS = 5 // a restart or a failover takes seconds, not minutes

/**
 * The store over a `pg` pool, which it ends when it is closed. Values: int8 as a number, timestamptz as a Date,
 * date as text, json parsed.
 */
export function postgresStore({ pool, kind }: { pool: pg.Pool; kind: Store['kind'] }): Store {
  surviveIdleErrors(pool)
  const query: Queryable['query'] = (text, values) => withClient(pool, (client) => runOn(client, text, values))
  const grouped = new Together(query)
  return {
    kind,
    query,
    together: (statement, item) => grouped.send(statement, item),
    transaction: (work) => withClient(pool, (client) => transactionOn(client, work)),
    close: () => pool.end(),
  }
}

/** The store on a Postgres server, which is connected to when first used. */
export function openServerStore(url: string): { readonly store: Store; readonly pool: pg.Pool } {
  const pool = serverPool(url, STATEMENT_MS_MAX)
  return { store: postgresStore({ pool, kind: 'server' }), pool }
}

/**
 * The connections of a store on a server; the embedded one brings its own.
 * @param url a connection URL as in `DATABASE_URL`
 * @param statementMsMax how long an answer is waited for; for ever by default, since a migration may take its time
 * @param applicationName another one for work whose statements may take long: the care of the store leaves it alone
 */
export function serverPool(url: string, statementMsMax?: number, applicationName: string = APPLICATION_NAME): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    min: CONNECTIONS_MIN,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: IDLE_MS_MAX,
    keepAlive: true,
    ...(statementMsMax === undefined ? {} : { query_timeout: statementMsMax }),
    application_name: applicationName,
    onConnect: uncompiled,
  })
  surviveIdleErrors(pool) // it is used before it becomes a store's: by migrations
  return pool
}

/**
 * Keeps a session from compiling plans: that takes hundreds of milliseconds, and is begun for statements that take one
 * where the planner guesses high, as it does on a server that has not analyzed the tables. For `onConnect` of a pool.
 */
export async function uncompiled(client: pg.ClientBase): Promise<void> {
  await client.query('set jit = off')
}

/**
 * Lends a connection of a store's pool to `work`. Not `pool.query`: that destroys the client on every error, also on a harmless one such as a
 * unique violation, and the embedded database has one connection only.
 * @throws {Problem} `store_unavailable`; the database's verdicts on a statement pass unchanged
 */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    return await work(client)
  } catch (error) {
    if (!isConnectionFailure(error)) throw error
    broken = error
    throw unavailable(error)
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** Without a listener an idle connection that the server closes would end the process; the pool replaces it anyway. */
function surviveIdleErrors(pool: pg.Pool): void {
  // Once: on Lambda one pool becomes the store of many invocations.
  if (!pool.listeners('error').includes(ignoreError)) pool.on('error', ignoreError)
}

function ignoreError(): void {}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    const client = await pool.connect()
    // Per client, so that nobody else's are touched; not per statement, which the embedded database can't take.
    for (const [oid, parse] of PARSERS) client.setTypeParser(oid, parse)
    return client
  } catch (error) {
    // Whatever keeps us from connecting, a wrong password included, leaves the store unusable.
    throw unavailable(error)
  }
}

// Of this transaction alone, so that it is safe behind a pooler: a process that freezes in it lets go of its locks.
const BEGIN = `begin; set local idle_in_transaction_session_timeout = '15s'`

async function transactionOn<T>(client: pg.PoolClient, work: (tx: Queryable) => Promise<T>): Promise<T> {
  await client.query(BEGIN)
  try {
    const value = await work({ query: (text, values) => runOn(client, text, values) })
    const { command } = await client.query('commit')
    // Postgres answers so, without an error, when a statement had failed and `work` went on regardless.
    if (command === 'ROLLBACK') throw new Error('The transaction was not committed: a statement in it had failed')
    return value
  } catch (error) {
    await rollBack(client)
    throw error
  }
}

async function rollBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback')
  } catch (error) {
    // The server rolls back what a lost connection had begun; the pool must not lend this client again.
    client.emit('error', error)
  }
}

async function runOn<Row>(client: pg.PoolClient, text: string, values: readonly unknown[] = []) {
  const answer = await client.query(text, [...values])
  return { rows: answer.rows as Row[], rowCount: answer.rowCount ?? 0 }
}

type TypeId = Parameters<typeof pg.types.getTypeParser>[0] // names the scalar types only
const PARSERS: readonly (readonly [TypeId, (text: string) => unknown])[] = [
  [20, Number], // int8: our counters and ids stay far below 2^53
  [1016 as TypeId, pg.types.getTypeParser(1007 as TypeId)], // int8[], read as int4[] is
  [1082, (text) => text], // date: a Date would bring in a time zone
  [1182 as TypeId, pg.types.getTypeParser(1009 as TypeId)], // date[], read as text[] is
]

// Connection exceptions, insufficient resources, shutdowns and crashes, the errors of a socket or a name server.
const CONNECTION_CODE = /^(08...|25P03|53...|57P0[1-5]|E[A-Z_]{3,})$/
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|proxy request failed|Network connection lost)/

function isConnectionFailure(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof Problem) return false
  return CONNECTION_CODE.test(codeOf(error)) || CONNECTION_MESSAGE.test(error.message)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

const HINTS: Readonly<Record<string, string>> = {
  '28P01': 'Check the user and the password in DATABASE_URL',
  '28000': 'Check the user in DATABASE_URL and that the server lets it connect',
  '3D000': 'Check the name of the database in DATABASE_URL, or create it',
}

/** The reason is a code or the driver's own words, which never hold a password. */
function unavailable(error: unknown): Problem {
  if (error instanceof Problem) return error
  const code = codeOf(error)
  const reason = code === '' && error instanceof Error ? error.message : code
  return new Problem('store_unavailable', `The store does not answer (${reason})`, {
    hint: HINTS[code] ?? 'Check that the database server runs and that DATABASE_URL is right',
    retryAfter: RETRY_AFTER_SECONDS,
    cause: error,
  })
}
