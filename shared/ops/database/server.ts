import type { Queryable, Store } from '../../platform/store.ts'
import { serverAge } from './server-time.ts'

/** What a check must know of the server beforehand. */
export interface Server {
  readonly embedded: boolean
  /** As `server_version_num`: 150004. */
  readonly version: number
  readonly versionText: string
  readonly role: string
  readonly database: string
  /** Whether the role sees the sessions and statistics of others (pg_read_all_stats, as pg_monitor has it). */
  readonly seesAll: boolean
  /** Sessions of others whose state this role may not see. */
  readonly hiddenSessions: number
  readonly standby: boolean
  readonly extensions: readonly string[]
  readonly settings: Readonly<Record<string, string>>
  /** Since the server started, and since its statistics began. */
  readonly upSeconds: number
  readonly statisticsSeconds: number
  readonly databaseBytes: number
}

const READ = `
  select current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
         current_user as role, current_database() as database, pg_is_in_recovery() as standby,
         pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
         (select count(*) from pg_stat_activity where query = '<insufficient privilege>') as hidden_sessions,
         (select array_agg(extname::text order by extname) from pg_extension) as extensions,
         (select jsonb_object_agg(name, setting) from pg_settings where name = any ($1)) as settings,
         ${serverAge('pg_postmaster_start_time()')} as up_seconds,
         (select ${serverAge('coalesce(stats_reset, pg_postmaster_start_time())')}
            from pg_stat_database where datname = current_database()) as statistics_seconds,
         pg_database_size(current_database()) as database_bytes`

const SETTINGS = [
  'autovacuum',
  'autovacuum_freeze_max_age',
  'autovacuum_multixact_freeze_max_age',
  'autovacuum_vacuum_scale_factor',
  'autovacuum_vacuum_threshold',
  'fsync',
  'full_page_writes',
  'idle_in_transaction_session_timeout',
  'max_connections',
  'shared_buffers',
  'shared_preload_libraries',
  'statement_timeout',
  'superuser_reserved_connections',
  'synchronous_commit',
  'track_activities',
  'track_counts',
  'wal_level',
]

// What this session has counted reaches the views some time after it: asked for, at the end of its statement.
const FLUSH_STATISTICS = `
  select pg_stat_force_next_flush()`

export async function readServer(store: Store): Promise<Server> {
  await flushStatistics(store)
  const { rows } = await store.query<ServerRow>(READ, [SETTINGS])
  const row = rows[0]
  if (row === undefined) throw new Error('The server said nothing of itself')
  return {
    embedded: store.kind === 'embedded',
    version: row.version,
    versionText: row.version_text,
    role: row.role,
    database: row.database,
    seesAll: row.sees_all,
    hiddenSessions: row.hidden_sessions,
    standby: row.standby,
    extensions: row.extensions ?? [],
    settings: row.settings ?? {},
    upSeconds: row.up_seconds,
    statisticsSeconds: row.statistics_seconds ?? row.up_seconds,
    databaseBytes: row.database_bytes,
  }
}

/** Servers before 15 have no such function: they tell later. */
export async function flushStatistics(store: Queryable): Promise<void> {
  await store.query(FLUSH_STATISTICS).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === '42883')) throw error
  })
}

interface ServerRow {
  version: number
  version_text: string
  role: string
  database: string
  standby: boolean
  sees_all: boolean
  hidden_sessions: number
  extensions: string[] | null
  settings: Record<string, string> | null
  up_seconds: number
  statistics_seconds: number | null
  database_bytes: number
}
