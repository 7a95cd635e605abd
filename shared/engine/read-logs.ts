import type { Queryable } from '../platform/store.ts'
import { LOG_LEVELS, type TaskLogLevel } from './log-lines.ts'

export interface StoredLog {
  readonly id: number
  readonly at: Date
  readonly level: TaskLogLevel
  readonly step: string | null
  readonly executionId: string | null
  readonly module: string | null
  readonly message: string
  readonly extra: Record<string, unknown>
}

export interface LogFilter {
  /** This level and the graver ones. */
  readonly level?: TaskLogLevel | undefined
  readonly step?: string | undefined
  /** Found anywhere in the message, in any language. */
  readonly q?: string | undefined
}

// Within one task a scan of its lines is quick enough for any substring; the index on (task_id, id) leads to them.
const READ_LOGS = `
  select id, timestamp, log_level, step_name, execution_id, module_name, message, extra_data
    from data_pipeline_task_logs
   where task_id = $1
     and log_level = any($2)
     and ($3::text is null or step_name = $3)
     and ($4::text is null or position(lower($4) in lower(message)) > 0)
     and id > $5
     and id < $6
   order by id`

const OLDEST_FIRST = `${READ_LOGS}
   limit $7`

const NEWEST_FIRST = `${READ_LOGS} desc
   limit $7`

const ID_MAX = Number.MAX_SAFE_INTEGER

/** Lines after `afterId`, oldest first: how a follower reads on. */
export async function readLogsAfter(
  store: Queryable,
  taskId: string,
  filter: LogFilter,
  afterId: number,
  limit: number,
): Promise<StoredLog[]> {
  return await read(store, OLDEST_FIRST, taskId, filter, afterId, ID_MAX, limit)
}

/** The latest lines before `beforeId`, newest first: how a reader pages back. */
export async function readLogsBefore(
  store: Queryable,
  taskId: string,
  filter: LogFilter,
  beforeId: number | null,
  limit: number,
): Promise<StoredLog[]> {
  return await read(store, NEWEST_FIRST, taskId, filter, 0, beforeId ?? ID_MAX, limit)
}

async function read(
  store: Queryable,
  statement: string,
  taskId: string,
  filter: LogFilter,
  afterId: number,
  beforeId: number,
  limit: number,
): Promise<StoredLog[]> {
  const levels = filter.level === undefined ? LOG_LEVELS : LOG_LEVELS.slice(LOG_LEVELS.indexOf(filter.level))
  const values = [taskId, levels, filter.step ?? null, filter.q ?? null, afterId, beforeId, limit]
  const { rows } = await store.query<LogRow>(statement, values)
  return rows.map((row) => ({
    id: Number(row.id),
    at: row.timestamp,
    level: row.log_level,
    step: row.step_name,
    executionId: row.execution_id,
    module: row.module_name,
    message: row.message,
    extra: row.extra_data,
  }))
}

interface LogRow {
  id: number
  timestamp: Date
  log_level: TaskLogLevel
  step_name: string | null
  execution_id: string | null
  module_name: string | null
  message: string
  extra_data: Record<string, unknown>
}
