import { localTime } from '../platform/clock.ts'

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

const MESSAGE_LENGTH_MAX = 10_000 // characters; a longer one is cut, its tail is no help to a reader

/** A line as `helix_write` takes it. */
export function lineRecord(line: LogLine) {
  return { ...line, message: line.message.slice(0, MESSAGE_LENGTH_MAX) }
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
