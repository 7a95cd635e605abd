import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { flushStatistics } from './server.ts'
import { serverAge } from './server-time.ts'

/** What the statistics say of a table. */
export interface TableState {
  /** Quoted by the server, so that it can stand in a statement. */
  readonly name: string
  readonly live: number
  readonly dead: number
  /** Rows written since its statistics were gathered. */
  readonly changed: number
  readonly analyzed: boolean
  /** How often it was vacuumed and analyzed, by anybody. */
  readonly vacuums: number
  readonly analyzes: number
  /** Since anybody vacuumed it, by the server's clock; null when nobody ever has. */
  readonly vacuumedSecondsAgo: number | null
}

export type Care = 'none' | 'vacuum' | 'analyze'

export type CareOutcome =
  | 'done'
  /** Somebody held a lock on it. */
  | 'skipped'
  /** It was vacuumed, and its dead rows are still there: an old transaction may yet see them. */
  | 'held_back'
  /** The server is still at it, past the patience of a statement. */
  | 'under_way'

// Only what this role may vacuum: of others' tables Postgres says no more than a warning.
const LIST_TABLES = `
  select format('%I.%I', s.schemaname, s.relname) as name, s.n_live_tup as live, s.n_dead_tup as dead,
         s.n_mod_since_analyze as changed, s.last_analyze is not null or s.last_autoanalyze is not null as analyzed,
         s.vacuum_count + s.autovacuum_count as vacuums, s.analyze_count + s.autoanalyze_count as analyzes,
         ${serverAge('greatest(s.last_vacuum, s.last_autovacuum)')} as "vacuumedSecondsAgo"
    from pg_stat_user_tables s
    join pg_class c on c.oid = s.relid
   where c.relkind = 'r' and c.relpersistence <> 't' and pg_has_role(c.relowner, 'usage')
     and ($1::text is null or format('%I.%I', s.schemaname, s.relname) = $1)
   order by s.n_dead_tup desc, s.n_mod_since_analyze desc, 1
   limit $2`

// Not what is counted of its rows, but what the last vacuum saw of its pages.
const READ_VISIBILITY = `
  select c.relpages as pages, c.relallvisible as visible
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where format('%I.%I', n.nspname, c.relname) = $1 and c.relkind = 'r'`

const TABLES_MAX = 500

// Half of what autovacuum waits for: it is night, and the rows of the day are cheaper to read once they are gone.
const DEAD_SHARE = 0.1
const CHANGED_SHARE = 0.05
const ROWS_MIN = 1_000
const NEVER_ANALYZED_MIN = 100

/** Tables of this role, those with the most dead rows first. @param name one alone, as the server quotes it */
export async function listTableStates(store: Queryable, name: string | null = null): Promise<TableState[]> {
  return (await store.query<TableState>(LIST_TABLES, [name, TABLES_MAX])).rows
}

/** What a table needs now. */
export function careFor({ live, dead, changed, analyzed }: TableState): Care {
  if (dead >= ROWS_MIN && dead > DEAD_SHARE * (live + dead)) return 'vacuum'
  if (changed >= ROWS_MIN && changed > CHANGED_SHARE * live) return 'analyze'
  return !analyzed && live >= NEVER_ANALYZED_MIN ? 'analyze' : 'none'
}

/** Vacuums or analyzes a table, without waiting for its lock, and looks whether it helped. */
export async function careForTable(store: Queryable, before: TableState, care: Care): Promise<CareOutcome> {
  if (care === 'none') return 'done'
  const statement = care === 'vacuum' ? 'vacuum (analyze, skip_locked)' : 'analyze (skip_locked)'
  try {
    await store.query(`${statement} ${before.name}`)
  } catch (error) {
    // The statement goes on at the server; another one of the same table would only wait for it.
    if (error instanceof Problem && error.code === 'store_unavailable') return 'under_way'
    throw error
  }
  await flushStatistics(store)
  const [after] = await listTableStates(store, before.name)
  if (after === undefined) return 'skipped'
  if (care === 'analyze') return after.analyzes > before.analyzes ? 'done' : 'skipped'
  if (after.vacuums === before.vacuums) return 'skipped'
  return after.dead > before.dead / 2 ? 'held_back' : 'done'
}

/** Whether the last vacuum found most pages free of dead rows; null when the table is gone. */
export async function isTidy(store: Queryable, name: string): Promise<boolean | null> {
  const { rows } = await store.query<{ pages: number; visible: number }>(READ_VISIBILITY, [name])
  const [row] = rows
  return row === undefined ? null : row.pages === 0 || row.visible >= row.pages / 2
}
