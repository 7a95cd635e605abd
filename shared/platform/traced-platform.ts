import { type Comment, commentedSources } from './commented-sources.ts'
import type { Platform } from './platform.ts'
import { type Trace, traceparentOf } from './trace.ts'

/** What a call belongs to. */
export interface Belonging {
  /** Null for a task that no request has started. */
  readonly trace: Trace | null
  readonly taskId?: string
  readonly executionId?: string
}

/** The platform as one call sees it: its log lines and its statements on a source say what they belong to. */
export function tracedPlatform(platform: Platform, { trace, taskId, executionId }: Belonging): Platform {
  const ids = {
    ...(trace === null ? {} : { requestId: trace.requestId, traceId: trace.traceId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(executionId === undefined ? {} : { executionId }),
  }
  const comment: Comment = {
    ...(trace === null ? {} : { traceparent: traceparentOf(trace) }),
    ...(taskId === undefined ? {} : { task: taskId }),
    ...(executionId === undefined ? {} : { execution: executionId }),
  }
  const { stopping: _, ...rest } = platform
  return Object.assign(new Stoppable(platform), rest, {
    ...(trace === null ? {} : { trace }),
    sources: commentedSources(platform.sources, comment),
    log: ((event, fields) => platform.log(event, { ...ids, ...fields })) satisfies Platform['log'],
  })
}

/** Asked anew each time: an invocation may be told to stop while it works. */
class Stoppable {
  readonly #platform: Platform

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get stopping(): AbortSignal {
    return this.#platform.stopping
  }
}
