import type { Queryable } from '../platform/store.ts'
import type { TaskLogLevel } from './log-lines.ts'

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
  /** This level and no other, as the specification filters. */
  readonly level?: TaskLogLevel | undefined
  readonly step?: string | undefined
  /** Found anywhere in the message, in any language; capitals are ignored. */
  readonly q?: string | undefined
}

export interface LogPage {
  readonly order: 'asc' | 'desc'
  /** The line after which the page begins, in its order; null for the first page. */
  readonly after: number | null
  readonly limit: number
}

// Within one task a scan of its lines is quick enough for any substring; the index on (task_id, id) leads to them.
const READ_LOGS = `
  select id, timestamp, log_level, step_name, execution_id, module_name, message, extra_data
    from data_pipeline_task_logs
   where task_id = $1
     and ($2::text is null or log_level = $2)
     and ($3::text is null or step_name = $3)
     and ($4::text is null or position(lower($4) in lower(message)) > 0)`

const OLDEST_FIRST = `${READ_LOGS}
     and ($5::bigint is null or id > $5)
   order by id
   limit $6`

const NEWEST_FIRST = `${READ_LOGS}
     and ($5::bigint is null or id < $5)
   order by id desc
   limit $6`

/** One page of a task's lines. */
export async function readLogs(
  store: Queryable,
  taskId: string,
  filter: LogFilter,
  { order, after, limit }: LogPage,
): Promise<StoredLog[]> {
  const values = [taskId, filter.level ?? null, filter.step ?? null, filter.q ?? null, after, limit]
  const { rows } = await store.query<LogRow>(order === 'asc' ? OLDEST_FIRST : NEWEST_FIRST, values)
  return rows.map(logOf)
}

/** All lines of a task, oldest first, a batch at a time: never the whole log in memory. */
export async function* readLogBatches(store: Queryable, taskId: string, batch: number): AsyncGenerator<StoredLog[]> {
  let after: number | null = null
  for (;;) {
    const lines: StoredLog[] = await readLogs(store, taskId, {}, { order: 'asc', after, limit: batch })
    if (lines.length > 0) yield lines
    if (lines.length < batch) return
    after = lines.at(-1)?.id ?? after
  }
}

export interface LogRow {
  id: number
  timestamp: Date
  log_level: TaskLogLevel
  step_name: string | null
  execution_id: string | null
  module_name: string | null
  message: string
  extra_data: Record<string, unknown>
}

export function logOf(row: LogRow): StoredLog {
  return {
    id: Number(row.id),
    at: row.timestamp,
    level: row.log_level,
    step: row.step_name,
    executionId: row.execution_id,
    module: row.module_name,
    message: row.message,
    extra: row.extra_data,
  }
}
