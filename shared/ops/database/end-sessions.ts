import type { Queryable } from '../../platform/store.ts'
import { OWN, type Session } from './own-sessions.ts'
import { exactMoment } from './server-time.ts'

// Each says in its own WHERE who is meant: between two statements a process id may have come to mean somebody else.
const SAME = `s.pid = $1 and ${exactMoment('s.backend_start')} = $2 and ${OWN}`

const CANCEL_STATEMENT = `
  select pg_cancel_backend(s.pid) as done
    from pg_stat_activity s
   where ${SAME} and s.state = 'active' and ${exactMoment('s.query_start')} = $3`

const END_AT_STATEMENT = `
  select pg_terminate_backend(s.pid) as done
    from pg_stat_activity s
   where ${SAME} and s.state = 'active' and ${exactMoment('s.query_start')} = $3`

const END_IDLE_IN_TRANSACTION = `
  select pg_terminate_backend(s.pid) as done
    from pg_stat_activity s
   where ${SAME} and s.state in ('idle in transaction', 'idle in transaction (aborted)')
     and ${exactMoment('s.xact_start')} is not distinct from $3 and ${exactMoment('s.state_change')} = $4`

const IS_AT_STATEMENT = `
  select
    from pg_stat_activity s
   where s.pid = $1 and ${exactMoment('s.backend_start')} = $2 and s.state = 'active' and ${exactMoment('s.query_start')} = $3`

const IS_THERE = `
  select
    from pg_stat_activity s
   where s.pid = $1 and ${exactMoment('s.backend_start')} = $2`

// An aborted transaction holds nothing but its connection: whether its session has said a word since it was seen.
const IS_SILENT = `
  select
    from pg_stat_activity s
   where s.pid = $1 and ${exactMoment('s.backend_start')} = $2 and ${exactMoment('s.state_change')} = $3`

// Not what the session says of itself, but whether its transaction still holds anything: that is what hurts others.
const HOLDS_TRANSACTION = `
  select
    from pg_locks
   where virtualtransaction = $1 and pid = $2 and locktype = 'virtualxid' and granted`

const WAIT = `
  select pg_sleep($1)` // on the server: what is waited for is its work, in its time

const WAIT_SECONDS = 0.05
const WAITS_MAX = 40 // 2 s: a signal is heard in milliseconds, where it is heard at all

export type EndOutcome = 'not_there' | 'cancelled' | 'ended' | 'refused'

/** Asks a statement to stop, and where it does not within 2 s ends its session. Nothing happens once it has moved on. */
export async function stopStatement(store: Queryable, session: Session): Promise<EndOutcome> {
  const same = [session.pid, session.backendStart, session.statementStart]
  if (!(await signalled(store, CANCEL_STATEMENT, same))) return 'not_there'
  if (await gone(store, IS_AT_STATEMENT, same)) return 'cancelled'
  if (!(await signalled(store, END_AT_STATEMENT, same))) return 'cancelled'
  return (await gone(store, IS_THERE, same.slice(0, 2))) ? 'ended' : 'refused'
}

/** Ends a session that holds a transaction and asks nothing; not one that has gone on meanwhile. */
export async function endIdleInTransaction(store: Queryable, session: Session): Promise<EndOutcome> {
  const { pid, backendStart, transactionStart, stateChange } = session
  const done = await signalled(store, END_IDLE_IN_TRANSACTION, [pid, backendStart, transactionStart, stateChange])
  if (!done) return 'not_there'
  return (await gone(store, IS_THERE, [pid, backendStart])) ? 'ended' : 'refused'
}

/** Whether the very transaction that a session was seen with still holds what it held: locks, or its connection alone. */
export async function holdsTransaction(store: Queryable, session: Session): Promise<boolean> {
  const { pid, backendStart, stateChange } = session
  if (session.transaction === null) return (await store.query(IS_SILENT, [pid, backendStart, stateChange])).rowCount > 0
  return (await store.query(HOLDS_TRANSACTION, [session.transaction, session.pid])).rowCount > 0
}

/** Whether it still works at the very statement that it was seen at. */
export async function isAtStatement(store: Queryable, session: Session): Promise<boolean> {
  const { pid, backendStart, statementStart } = session
  return (await store.query(IS_AT_STATEMENT, [pid, backendStart, statementStart])).rowCount > 0
}

async function signalled(store: Queryable, statement: string, values: readonly unknown[]): Promise<boolean> {
  return (await store.query<{ done: boolean }>(statement, values)).rows[0]?.done === true
}

async function gone(store: Queryable, statement: string, values: readonly unknown[]): Promise<boolean> {
  for (let waits = 0; waits < WAITS_MAX; waits++) {
    if ((await store.query(statement, values)).rowCount === 0) return true
    await store.query(WAIT, [WAIT_SECONDS])
  }
  return false
}
