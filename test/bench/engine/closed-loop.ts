/** Workflows per second and how long each took from its request to its completion. */
export interface Rate {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly count: number
}

/** Keeps `concurrency` runs under way for that long: a new one begins when one completes. Only completed ones count. */
export async function closedLoop(run: () => Promise<void>, concurrency: number, seconds: number): Promise<Rate> {
  const latencies: number[] = []
  const begun = performance.now()
  const end = begun + seconds * 1_000
  const client = async () => {
    for (let started = performance.now(); started < end; started = performance.now()) {
      await run()
      const now = performance.now()
      if (now <= end) latencies.push(now - started)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  latencies.sort((one, other) => one - other)
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    count: latencies.length,
  }
}

/** So many runs, so many at once. */
export async function runCount(run: () => Promise<void>, concurrency: number, count: number): Promise<void> {
  let left = count
  const client = async () => {
    while (left > 0) {
      left -= 1
      await run()
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
}

/** @param sorted ascending */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ]
  return (below + above) / 2
}
