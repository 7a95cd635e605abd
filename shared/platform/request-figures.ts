/** Upper bounds of the buckets, in seconds. 1 s is the threshold of the alert, so it is one of them. */
export const REQUEST_SECONDS_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

export type StatusClass = '2xx' | '3xx' | '4xx' | '5xx'

export interface RequestLabels {
  readonly method: string
  /** A pattern with its parameters' names, never a path: there are as many as functions. */
  readonly route: string
  readonly status: StatusClass
}

/** What some requests of one kind took. */
export interface RequestFigure {
  readonly labels: RequestLabels
  readonly count: number
  readonly seconds: number
  /** How many took at most so long, by the bounds. */
  readonly upTo: readonly number[]
}

/** What this process has answered since it was last asked: kept in memory, since a write a request would cost more than the request. */
export interface RequestFigures {
  /** For how long figures may wait before a request has them written. */
  readonly flushMs: number
  add(labels: RequestLabels, seconds: number): void
  /** Takes everything out. */
  take(): RequestFigure[]
  /** Puts back what could not be written. */
  putBack(figures: readonly RequestFigure[]): void
  /** Whether there is anything that has waited for so long. @param at now */
  isDue(at: Date, afterMs: number): boolean
}

interface Sum {
  readonly labels: RequestLabels
  count: number
  seconds: number
  readonly upTo: number[]
}

const FLUSH_MS = 60_000 // where a clock calls the process each minute, requests only help out

/** One for a process. @param flushMs 0 in a cloud, where a process may end right after any answer */
export function requestFigures(flushMs = FLUSH_MS): RequestFigures {
  let sums = new Map<string, Sum>()
  let since: number | null = null
  const sumOf = (labels: RequestLabels): Sum => {
    const key = `${labels.method} ${labels.route} ${labels.status}`
    const found = sums.get(key) ?? { labels, count: 0, seconds: 0, upTo: REQUEST_SECONDS_BOUNDS.map(() => 0) }
    sums.set(key, found)
    return found
  }
  return {
    flushMs,
    add(labels, seconds) {
      const sum = sumOf(labels)
      sum.count += 1
      sum.seconds += seconds
      for (const [place, bound] of REQUEST_SECONDS_BOUNDS.entries()) {
        if (seconds <= bound) sum.upTo[place] = (sum.upTo[place] ?? 0) + 1
      }
    },
    take() {
      const taken = [...sums.values()]
      sums = new Map()
      since = null
      return taken
    },
    putBack(figures) {
      for (const { labels, count, seconds, upTo } of figures) {
        const sum = sumOf(labels)
        sum.count += count
        sum.seconds += seconds
        for (const [place, many] of upTo.entries()) sum.upTo[place] = (sum.upTo[place] ?? 0) + many
      }
    },
    isDue(at, afterMs) {
      since ??= at.getTime()
      return sums.size > 0 && at.getTime() - since >= afterMs
    },
  }
}
