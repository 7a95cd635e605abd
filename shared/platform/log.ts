import { maskText } from './mask.ts'

/** Every log event with its level. Alerts and dashboards depend on these names. */
export const LOG_EVENTS = {
  'runner.started': 'info',
  'runner.stopping': 'info',
  'runner.stopped': 'info',
  'runner.crashed': 'error',
  'runner.stderr': 'warning',
  'supervisor.started': 'info',
  'supervisor.restarting': 'warning',
  'supervisor.gave_up': 'error',
  'supervisor.stopped': 'info',
  'request.failed': 'error',
  'message.sent': 'debug',
  'message.fenced': 'info',
  'message.delayed': 'debug',
  'message.retried': 'warning',
  'message.dead': 'error',
  'cron.fired': 'debug',
  'cron.failed': 'error',
  'task.created': 'info',
  'task.deleted': 'info',
  'task.finished': 'info',
  'execution.claimed': 'info',
  'execution.sliced': 'info',
  'execution.completed': 'info',
  'execution.failed': 'error',
  'execution.retried': 'warning',
  'execution.cancelled': 'info',
  'execution.fenced': 'warning',
  'execution.rescued': 'warning',
  'store.migrated': 'info',
  'restore.ended': 'warning',
  'envelope.exceeded': 'warning',
  'envelope.measured': 'debug',
  'fault.injected': 'warning',
  'incident.opened': 'warning',
  'incident.verified': 'info',
  'incident.escalated': 'error',
  'component.degraded': 'error',
  'component.recovered': 'info',
  'restart.asked': 'error',
  'alert.raised': 'warning',
  'alert.resolved': 'info',
  'scan.completed': 'info',
  'cleanup.executed': 'warning',
  'cleanup.rolled_back': 'warning',
  'alert.sent': 'info',
  'alert.not_sent': 'warning',
  'retention.done': 'info',
  'background.failed': 'error',
} as const

export type LogEvent = keyof typeof LOG_EVENTS
export type LogLevel = 'debug' | 'info' | 'warning' | 'error'

/** One line per thing that happened, at the place that knows how it ended. Identifiers, never payloads. */
export type Log = (event: LogEvent, fields?: Record<string, unknown>) => void

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warning: 2, error: 3 }

/** Writes each event as one JSON line, from `level` upward, its fields named as the API names them: `task_id`. @param write gets the line without its newline */
export function jsonLinesLog(options: { now: () => Date; level: LogLevel; write: (line: string) => void }): Log {
  return (event, fields = {}) => {
    const level = LOG_EVENTS[event]
    if (RANK[level] < RANK[options.level]) return
    const line: Record<string, unknown> = { time: options.now().toISOString(), level, event }
    for (const name in fields) line[snakeCase(name)] = fields[name]
    // Whatever an error's text carries along: a URL's password must never get here.
    options.write(maskText(JSON.stringify(line)))
  }
}

const snakeCases = new Map<string, string>() // as few as there are names in the code

function snakeCase(name: string): string {
  const known = snakeCases.get(name)
  if (known !== undefined) return known
  const written = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  snakeCases.set(name, written)
  return written
}
