import { outcomeOf } from '../../shared/platform/http/outcome.ts'
import { LOG_EVENTS, type Log, type LogEvent, type LogLevel } from '../../shared/platform/log.ts'
import { maskText } from '../../shared/platform/mask.ts'

/** What called a function, with all that is needed to call it again. */
export type Call =
  | { readonly trigger: 'queue'; readonly message: { readonly function: string; readonly body: unknown } }
  | { readonly trigger: 'cron'; readonly at: Date | null }
  /** `request` is null where it had a body too large to be kept. */
  | { readonly trigger: 'http'; readonly line: string; readonly request: KeptRequest | null }

export interface KeptRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | null
}

/** One call of a function, as it is shown. */
export interface InvocationRecord {
  readonly id: string
  readonly trigger: Call['trigger']
  /** Of an HTTP call the path. */
  readonly function: string
  readonly startedAt: Date
  /** Null while it works. */
  readonly durationMs: number | null
  /** HTTP status; null while it works and when it threw. */
  readonly status: number | null
  /** Of a message or a tick what its answer means: `acknowledge`, `fenced`, `later`, `dead`, `retry`. */
  readonly fate: string | null
  /** What it threw. */
  readonly thrown: string | null
  readonly message: { readonly function: string; readonly body: unknown } | null
  readonly request: string | null
  /** Log lines so far. */
  readonly logs: number
  readonly replayable: boolean
}

export interface InvocationsOptions {
  readonly now: () => Date
  /** A clock for durations, which never turns back. */
  readonly steadyMs: () => number
  /** Told when one begins and when it has ended. */
  readonly onChange?: (record: InvocationRecord) => void
}

/** A line that an invocation wrote, of whatever level. */
export interface InvocationLine {
  readonly level: LogLevel
  readonly event: LogEvent
  /** As JSON, without passwords. */
  readonly fields: string
}

const KEPT_MAX = 200
const LINES_MAX = 100 // of one invocation: its first

interface Entry {
  readonly call: Call
  readonly lines: (readonly [LogEvent, Record<string, unknown>])[]
  record: InvocationRecord
}

/** The latest invocations of this process. */
export class Invocations {
  readonly #options: InvocationsOptions
  readonly #entries = new Map<string, Entry>() // oldest first
  #begun = 0

  constructor(options: InvocationsOptions) {
    this.#options = options
  }

  /** Newest first. */
  list(): InvocationRecord[] {
    return [...this.#entries.values()].map(({ record }) => record).toReversed()
  }

  find(id: string): { readonly call: Call; readonly record: InvocationRecord } | null {
    return this.#entries.get(id) ?? null
  }

  /** What it wrote to the log, its first lines. */
  linesOf(id: string): InvocationLine[] {
    return (this.#entries.get(id)?.lines ?? []).map(([event, fields]) => ({
      level: LOG_EVENTS[event],
      event,
      fields: maskText(JSON.stringify(fields)),
    }))
  }

  /** Records one call from its begin to its end. @param work is given a log that counts its lines */
  async record(name: string, call: Call, log: Log, work: (log: Log) => Promise<Response>): Promise<Response> {
    const entry = this.#begin(name, call)
    const startMs = this.#options.steadyMs()
    let logs = 0
    const counting: Log = (event, fields) => {
      logs += 1
      if (entry.lines.length < LINES_MAX) entry.lines.push([event, fields ?? {}])
      log(event, fields)
    }
    const end = (answered: Response | Error) => {
      const durationMs = Math.round((this.#options.steadyMs() - startMs) * 1_000) / 1_000
      const told = answered instanceof Error ? { thrown: maskText(answered.message) } : { status: answered.status }
      const fate = call.trigger === 'http' ? null : outcomeOf(answered).fate
      entry.record = { ...entry.record, ...told, durationMs, fate, logs }
      this.#options.onChange?.(entry.record)
    }
    try {
      const response = await work(counting)
      end(response)
      return response
    } catch (thrown) {
      end(thrown instanceof Error ? thrown : new Error(String(thrown)))
      throw thrown
    }
  }

  #begin(name: string, call: Call): Entry {
    this.#begun += 1
    const id = String(this.#begun)
    const record: InvocationRecord = {
      id,
      trigger: call.trigger,
      function: name,
      startedAt: this.#options.now(),
      durationMs: null,
      status: null,
      fate: null,
      thrown: null,
      message: call.trigger === 'queue' ? call.message : null,
      request: call.trigger === 'http' ? call.line : null,
      logs: 0,
      replayable: call.trigger !== 'http' || call.request !== null,
    }
    const entry = { call, record, lines: [] }
    this.#entries.set(id, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > KEPT_MAX && oldest !== undefined) this.#entries.delete(oldest)
    this.#options.onChange?.(record)
    return entry
  }
}
