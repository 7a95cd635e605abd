import type { LogLine } from './runner.ts'
import { SCRIPTED } from './traffic.ts'

/** Lines of level `error` of one kind. */
export interface ErrorKind {
  readonly event: string
  readonly text: string
  count: number
  /** The first one whole. */
  readonly first: LogLine
}

const KINDS_MAX = 200
// What faults on purpose, and runs that fail by script, say of themselves.
const EXCUSED = new RegExp(`on purpose|has crashed|HELIX_FAULTS|${SCRIPTED}`)
// Codes of executions that fail by script, or each of whose attempts met a fault.
const CAUSED = new Set(['sandbox_error', 'store_unavailable', 'files_unavailable'])
// Told of something that was found or that follows from many failures: judged by incidents and alerts, not as lines.
const TOLD = new Set(['component.degraded', 'incident.escalated', 'restart.asked', 'message.dead'])

/** Reads the log as it is written: counts faults and keeps the errors that no fault on purpose explains. */
export class LogWatch {
  readonly errors = new Map<string, ErrorKind>()
  readonly faults: Record<string, number> = {}
  readonly told: Record<string, number> = {}
  lines = 0

  read(line: LogLine): void {
    this.lines += 1
    const event = String(line.event)
    if (event === 'fault.injected') {
      const fault = String(line.fault)
      this.faults[fault] = (this.faults[fault] ?? 0) + 1
    }
    if (line.level !== 'error') return
    if (TOLD.has(event)) this.told[event] = (this.told[event] ?? 0) + 1
    const text = JSON.stringify(line)
    if (TOLD.has(event) || EXCUSED.test(text)) return
    if (event === 'execution.failed' && CAUSED.has(String(line.code))) return
    const kind = `${event} ${String(line.what ?? line.function ?? '')}: ${String(line.message ?? line.error ?? '')}`
    const key = kind.replace(/\d+/g, '#').slice(0, 200)
    const known = this.errors.get(key)
    if (known !== undefined) known.count += 1
    else if (this.errors.size < KINDS_MAX) this.errors.set(key, { event, text: key, count: 1, first: line })
  }
}
