import { type Comment, commentedSources } from './commented-sources.ts'
import type { Log } from './log.ts'
import type { Platform } from './platform.ts'
import { PlatformLayer } from './platform-layer.ts'
import type { Sources } from './source.ts'
import { type Trace, traceparentOf } from './trace.ts'

/** What a call belongs to. */
export interface Belonging {
  /** Null for a task that no request has started. */
  readonly trace: Trace | null
  readonly taskId?: string
  readonly executionId?: string
}

/** The platform as one call sees it: its log lines and its statements on a source say what they belong to. */
export function tracedPlatform(platform: Platform, belonging: Belonging): Platform {
  return new TracedPlatform(platform, belonging)
}

class TracedPlatform extends PlatformLayer {
  readonly #belonging: Belonging
  #sources: Sources | null = null
  #log: Log | null = null

  constructor(below: Platform, belonging: Belonging) {
    super(below)
    this.#belonging = belonging
  }

  override get trace(): Trace | undefined {
    return this.#belonging.trace ?? this.below.trace
  }

  override get sources(): Sources {
    this.#sources ??= commentedSources(this.below.sources, commentOf(this.#belonging))
    return this.#sources
  }

  override get log(): Log {
    if (this.#log === null) {
      const { log } = this.below
      const ids = idsOf(this.#belonging)
      this.#log = (event, fields) => log(event, { ...ids, ...fields })
    }
    return this.#log
  }
}

function idsOf({ trace, taskId, executionId }: Belonging): Record<string, unknown> {
  return {
    ...(trace === null ? {} : { requestId: trace.requestId, traceId: trace.traceId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(executionId === undefined ? {} : { executionId }),
  }
}

function commentOf({ trace, taskId, executionId }: Belonging): Comment {
  return {
    ...(trace === null ? {} : { traceparent: traceparentOf(trace) }),
    ...(taskId === undefined ? {} : { task: taskId }),
    ...(executionId === undefined ? {} : { execution: executionId }),
  }
}
