import { localTime } from '../platform/clock.ts'
import type { Queryable } from '../platform/store.ts'

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type TaskLogLevel = (typeof LOG_LEVELS)[number]

/** A line of a task's log, for its owner to read. */
export interface LogLine {
  readonly level: TaskLogLevel
  readonly message: string
  readonly at: Date
  readonly module: string
  readonly function: string | null
  readonly extra: Record<string, unknown>
}

/** The columns of `jsonb_to_recordset` for log lines. */
export const LOG_RECORD = `(log_level text, message text, module_name text, function_name text, timestamp timestamptz, extra_data jsonb)`

const SAVE_LOGS = `
  insert into data_pipeline_task_logs
         (task_id, execution_id, log_level, message, step_name, module_name, function_name, timestamp, extra_data)
  select $1, $2, l.log_level, l.message, $3, l.module_name, l.function_name, l.timestamp, l.extra_data
    from jsonb_to_recordset($4::jsonb) as l ${LOG_RECORD}`

const MESSAGE_LENGTH_MAX = 10_000 // characters; a longer one is cut, its tail is no help to a reader

/** As statements take lines. NUL characters, which Postgres can't keep, are dropped. */
export function logRecords(lines: readonly LogLine[]): string {
  const records = lines.map((line) => ({
    log_level: line.level,
    message: line.message.slice(0, MESSAGE_LENGTH_MAX),
    module_name: line.module,
    function_name: line.function,
    timestamp: line.at.toISOString(),
    extra_data: line.extra,
  }))
  return JSON.stringify(records).replaceAll('\\u0000', '')
}

/** Writes lines outside a worker's report: of the API, of the sweep, of a finishing transaction. */
export async function saveLogs(
  tx: Queryable,
  owner: { taskId: string; executionId: string | null; step: string | null },
  lines: readonly LogLine[],
): Promise<void> {
  if (lines.length === 0) return
  await tx.query(SAVE_LOGS, [owner.taskId, owner.executionId, owner.step, logRecords(lines)])
}

/** `2025-07-01 14:30:53 [INFO] DDLMDGenerator: …`: lines of `data_pipeline.log`, one per line of the log. */
export function renderLogLines(lines: readonly LogLine[], timeZone: string): string {
  return lines
    .map(({ level, message, at, module }) => {
      const time = localTime(at, timeZone).replace('T', ' ')
      return `${time} [${level}] ${module}: ${message.replaceAll(/\r?\n/g, ' ⏎ ')}\n`
    })
    .join('')
}
