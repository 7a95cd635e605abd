import { isStarved, pointsOf, type SoakRecord, starvedShare } from './judge.ts'
import { quantile, trendOf } from './trend.ts'

const TOP = 24 // tables; the others are smaller

/** The line for programs. */
export function countsOf(run: SoakRecord, violations: number): object {
  const { samples, healthMs, calm, traffic, faults, incidents, deliveries } = run
  const last = samples.at(-1)?.figures ?? {}
  return {
    store: run.store,
    seconds: run.seconds,
    days: Math.round(run.daysLeapt * 10) / 10,
    ...traffic,
    answers: run.answers,
    faults: sum(Object.values(faults)),
    incidents: sum(incidents.map(({ count }) => count)),
    messages: deliveries.length,
    messages_repeated: deliveries.filter((times) => times > 1).length,
    rss_mb: megabytes(last.rss),
    heap_mb: megabytes(last.heap),
    heap_growth_mb: megabytes(trendOf(pointsOf(samples, 'heap'))?.growth),
    rss_growth_mb: megabytes(trendOf(pointsOf(samples, 'rss'))?.growth),
    connections: last.connections,
    health_p50_ms: Math.round(quantile(healthMs, 0.5)),
    health_p99_ms: Math.round(quantile(healthMs, 0.99)),
    starved_share: Math.round(starvedShare(run) * 100) / 100,
    left: calm?.left.length ?? null,
    false_incidents: calm?.false.length ?? null,
    dirty: calm?.dirty.length ?? null,
    violations,
  }
}

/** The table for people: each figure at its first, middle and last sample, with its growth over the last two thirds. */
export function tableOf(run: SoakRecord): string[] {
  const { samples } = run
  const names = Object.keys(samples.at(-1)?.figures ?? {})
  const plain = names.filter((name) => !name.includes(' '))
  const last = (name: string) => samples.at(-1)?.figures[name] ?? 0
  const largest = (kind: string) =>
    names
      .filter((name) => name.startsWith(`${kind} `) && last(name) > 0)
      .toSorted((a, b) => last(b) - last(a))
      .slice(0, TOP)
  const rows = [...plain, ...largest('rows'), ...largest('bytes'), ...largest('dead').slice(0, 6)].map((name) => {
    const points = pointsOf(samples, name)
    const at = (share: number) => points[Math.floor(share * (points.length - 1))]?.value ?? 0
    const cells = [at(0), at(0.5), at(1), trendOf(points)?.growth ?? 0]
    return [
      name,
      ...cells.map((value) =>
        /bytes|rss|heap|external/.test(name) ? `${megabytes(value)} MB` : String(Math.round(value)),
      ),
    ]
  })
  const told = [
    ...run.incidents.map(
      ({ fault, rule, status, count, changed }) =>
        `incident ${fault} (${rule}) ${status}: ${count}, changed something: ${changed}`,
    ),
    ...Object.entries(run.told).map(([event, count]) => `log ${event}: ${count}`),
    ...Object.entries(run.faults).map(([fault, count]) => `fault ${fault}: ${count}`),
    ...Object.entries(run.failures).map(([key, count]) => `answer ${key}: ${count}`),
  ]
  const late = isStarved(run)
    ? ['Others had the processor: what was late is to be measured again on a quiet machine']
    : []
  return [...aligned([['figure', 'first', 'middle', 'last', 'growth'], ...rows]), '', ...told, ...late]
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

function megabytes(bytes = 0): number {
  return Math.round((bytes / 2 ** 20) * 10) / 10
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
