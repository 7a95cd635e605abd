import type { Queryable } from '../../platform/store.ts'
import { type Session, sessionsByPid } from './own-sessions.ts'
import { serverAge } from './server-time.ts'

/** A session for which others wait, and who they are. */
export interface LockChain {
  /** At the head: it waits for nobody's lock. */
  readonly head: Session
  /** Those behind it, also those that wait for one that waits. */
  readonly waiting: readonly { readonly session: Session; readonly seconds: number }[]
}

// pg_blocking_pids takes the lock manager's locks, so it is asked of those alone that say they wait.
const LIST_WAITING = `
  select s.pid, pg_blocking_pids(s.pid) as blocked_by, ${serverAge('s.query_start')} as seconds
    from pg_stat_activity s
   where s.wait_event_type = 'Lock' and s.datname = current_database()
   order by s.query_start
   limit $1`

// A process id that waits for another one's lock by now waits for somebody else.
const IS_WAITING = `
  select
    from unnest($1::int[]) as waiting (pid)
   where $2 = any (pg_blocking_pids(waiting.pid))`

const WAITING_MAX = 200

interface Waiting {
  readonly pid: number
  readonly blocked_by: readonly number[]
  readonly seconds: number
}

/** Chains of sessions in this database that wait for locks, those with most waiting first. */
export async function listLockChains(store: Queryable): Promise<LockChain[]> {
  const { rows } = await store.query<Waiting>(LIST_WAITING, [WAITING_MAX])
  if (rows.length === 0) return []
  const heads = headsOf(rows)
  const pids = [...new Set([...heads.keys(), ...rows.map(({ pid }) => pid)])]
  const sessions = new Map((await sessionsByPid(store, pids)).map((session) => [session.pid, session]))
  const chains = [...heads].flatMap(([pid, behind]) => {
    const head = sessions.get(pid)
    const waiting = behind.flatMap(({ pid: waiter, seconds }) => {
      const session = sessions.get(waiter)
      return session === undefined ? [] : [{ session, seconds }]
    })
    return head === undefined || waiting.length === 0 ? [] : [{ head, waiting }]
  })
  return chains.toSorted((one, other) => other.waiting.length - one.waiting.length)
}

/** Whether any of these sessions waits for a lock that another one holds. */
export async function waitForLocksOf(store: Queryable, waiters: readonly number[], holder: number): Promise<boolean> {
  return (await store.query(IS_WAITING, [waiters, holder])).rowCount > 0
}

/** Who waits in the end for whom. A circle has no head: Postgres breaks those itself, as deadlocks. */
export function headsOf(waiting: readonly Waiting[]): Map<number, Waiting[]> {
  const blockers = new Map(waiting.map(({ pid, blocked_by }) => [pid, blocked_by]))
  const heads = new Map<number, Waiting[]>()
  for (const one of waiting) {
    const seen = new Set<number>([one.pid])
    const open = [...one.blocked_by]
    for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
      if (seen.has(pid)) continue
      seen.add(pid)
      const next = blockers.get(pid)
      if (next === undefined) heads.set(pid, [...(heads.get(pid) ?? []), one])
      else open.push(...next)
    }
  }
  heads.delete(0) // a prepared transaction, which is no session
  return heads
}
