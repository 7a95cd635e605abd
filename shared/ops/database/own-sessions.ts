import { APPLICATION_NAME } from '../../platform/postgres-store.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Facts, FaultTarget } from '../incidents/fault.ts'
import { exactMoment, serverAge } from './server-time.ts'
import { statementShape } from './statement-shape.ts'

/**
 * A session of the server as it was seen. Process ids are used again, so that a session is known by its process id and
 * the microsecond of its beginning, a statement by that and the microsecond of its own.
 */
export interface Session {
  readonly pid: number
  readonly backendStart: string
  readonly transactionStart: string | null
  readonly statementStart: string | null
  readonly stateChange: string | null
  readonly state: string
  readonly application: string
  readonly user: string
  readonly own: boolean
  /** How long its present statement, or its idling, has lasted. */
  readonly seconds: number
  /** The statement without its values. */
  readonly statement: string
  /** What it waits for, `Lock/relation`; null while it computes. */
  readonly waitsFor: string | null
  /** The virtual transaction that it holds, as pg_locks names it. */
  readonly transaction: string | null
}

/** Sessions that Helix's pools opened for this role on this database. */
export const OWN = `s.application_name = '${APPLICATION_NAME}' and s.usename = current_user
       and s.datname = current_database() and s.pid <> pg_backend_pid()`

// Work that may take long by its nature: the nightly care itself, an index, a copy.
const MAINTENANCE = `^\\s*(vacuum|analyze|reindex|cluster|create\\s+(unique\\s+)?index|copy)\\y`

const COLUMNS = `s.pid, ${exactMoment('s.backend_start')} as backend_start, ${exactMoment('s.xact_start')} as transaction_start,
         ${exactMoment('s.query_start')} as statement_start, ${exactMoment('s.state_change')} as state_change,
         coalesce(s.state, '') as state, coalesce(s.application_name, '') as application, coalesce(s.usename, '') as user_name,
         coalesce(${OWN}, false) as own, left(coalesce(s.query, ''), 2000) as query,
         s.wait_event_type || '/' || s.wait_event as waits_for,
         (select l.virtualtransaction
            from pg_locks l
           where l.pid = s.pid and l.locktype = 'virtualxid' and l.granted
           limit 1) as transaction`

const COUNT_OWN = `
  select count(*) as n
    from pg_stat_activity s
   where ${OWN}`

const LIST_SLOW = `
  select ${COLUMNS}, ${serverAge('s.query_start')} as seconds
    from pg_stat_activity s
   where ${OWN} and s.state = 'active' and ${serverAge('s.query_start')} > $1 and s.query !~* '${MAINTENANCE}'
   order by s.query_start
   limit $2`

const LIST_IDLE_IN_TRANSACTION = `
  select ${COLUMNS}, ${serverAge('s.state_change')} as seconds
    from pg_stat_activity s
   where ${OWN} and s.state in ('idle in transaction', 'idle in transaction (aborted)') and ${serverAge('s.state_change')} > $1
   order by s.state_change
   limit $2`

const LIST_BY_PID = `
  select ${COLUMNS}, ${serverAge('coalesce(s.state_change, s.backend_start)')} as seconds
    from pg_stat_activity s
   where s.pid = any ($1)`

const SESSIONS_MAX = 50 // a pool has twenty, a check must be short

/** How many sessions Helix has on this database, this one left out. */
export async function countOwnSessions(store: Queryable): Promise<number> {
  return (await store.query<{ n: number }>(COUNT_OWN)).rows[0]?.n ?? 0
}

/** Own statements that have run for longer than so many seconds, the oldest first; never those that may take long. */
export async function listSlowStatements(store: Queryable, seconds: number): Promise<Session[]> {
  return (await store.query<SessionRow>(LIST_SLOW, [seconds, SESSIONS_MAX])).rows.map(sessionOf)
}

/** Own sessions that have a transaction open and have asked nothing for longer than so many seconds. */
export async function listIdleInTransaction(store: Queryable, seconds: number): Promise<Session[]> {
  return (await store.query<SessionRow>(LIST_IDLE_IN_TRANSACTION, [seconds, SESSIONS_MAX])).rows.map(sessionOf)
}

/** Sessions of anybody, by process id; those that this role may not see say nothing but that they are there. */
export async function sessionsByPid(store: Queryable, pids: readonly number[]): Promise<Session[]> {
  return (await store.query<SessionRow>(LIST_BY_PID, [pids])).rows.map(sessionOf)
}

/** A session as the target of a repair. @param since the microsecond that tells it from an earlier or later case */
export function sessionTarget(session: Session, since: string | null, now: Date): FaultTarget {
  return {
    id: `${session.pid}:${session.backendStart}:${since ?? ''}`,
    facts: { session },
    // The server told how long; the platform's clock tells when.
    occurredAt: new Date(now.getTime() - session.seconds * 1000),
  }
}

/** The session that `sessionTarget` put into facts. */
export function sessionIn(facts: Facts): Session {
  return facts.session as Session
}

interface SessionRow {
  pid: number
  backend_start: string | null
  transaction_start: string | null
  statement_start: string | null
  state_change: string | null
  state: string
  application: string
  user_name: string
  own: boolean
  query: string
  waits_for: string | null
  transaction: string | null
  seconds: number | null
}

function sessionOf(row: SessionRow): Session {
  return {
    pid: row.pid,
    backendStart: row.backend_start ?? '',
    transactionStart: row.transaction_start,
    statementStart: row.statement_start,
    stateChange: row.state_change,
    state: row.state,
    application: row.application,
    user: row.user_name,
    own: row.own,
    seconds: row.seconds ?? 0,
    statement: statementShape(row.query),
    waitsFor: row.waits_for,
    transaction: row.transaction,
  }
}
