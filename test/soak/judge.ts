import type { Calm } from './calm.ts'
import type { ErrorKind } from './log-watch.ts'
import type { Sample } from './samples.ts'
import { median, type Point, quantile, type Trend, trendOf } from './trend.ts'

/** Everything that a run has shown. */
export interface SoakRecord {
  readonly seconds: number
  readonly daysLeapt: number
  readonly store: 'embedded' | 'server'
  /** How the runner ended by itself; null where it did not. */
  readonly end: string | null
  readonly samples: readonly Sample[]
  readonly healthMs: readonly number[]
  readonly traffic: Readonly<Record<string, number>>
  readonly answers: number
  /** Answers of 500 and above. */
  readonly failures: Readonly<Record<string, number>>
  readonly errors: readonly ErrorKind[]
  /** Lines that tell of a degraded component, an escalation, a dead message. */
  readonly told: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly incidents: readonly {
    readonly fault: string
    readonly rule: string | null
    readonly status: string
    readonly count: number
    readonly changed: number | null
  }[]
  /** How often each message about alerts was received. */
  readonly deliveries: readonly number[]
  /** Null when the runner did not live to see it. */
  readonly calm: Calm | null
}

const RISING = 0.6 // Kendall's; noise of a heap that is collected before each sample stays below 0.3
const RISING_SHARE = 0.25 // of the allowance: what only rises goes on rising, and a soak is short beside a week
const DEAD_SHARE_MAX = 0.5 // autovacuum comes at a fifth, some minutes late
const DEAD_ROWS_MIN = 1_000

/** By how much a figure may grow over the last two thirds: a share of its median, or so much, whichever is more. */
interface Allowance {
  readonly share: number
  readonly least: number
}

const MB = 2 ** 20
const MEMORY: Readonly<Record<string, Allowance>> = {
  heap: { share: 0.1, least: 10 * MB },
  rss: { share: 0.15, least: 48 * MB }, // what the allocator keeps of a peak
  external: { share: 0.15, least: 16 * MB },
  handles: { share: 0.1, least: 5 },
  connections: { share: 0.1, least: 2 },
  files: { share: 0.15, least: 100 },
  files_bytes: { share: 0.15, least: 8 * MB },
}
const ROWS: Allowance = { share: 0.15, least: 60 }
const BYTES: Allowance = { share: 0.2, least: MB } // a table is read in steps of 8 KB and vacuumed when a fifth is dead
const HEALTH_MS_MAX = 1_000
const STARVED_SHARE = 0.25 // below it the machine was its own
// Tables that hold what tasks leave: as many of those are deleted as come. The others are emptied by age alone, which
// shows only where the clock leaps.
const OF_TASKS = /^(data_pipeline_|task_|idempotency)/
const LEAPT_DAYS_MIN = 8 // twice as long as anything is kept

// What nothing of the weather can cause: one process, whose clock, disk and sources are well.
const UNCAUSED = /clock|disk|unreachable|slow_query|idle_in_transaction|lock_wait|leaked|runner/

/** Says what should not have been, one sentence each; none for a healthy run. */
export function judge(run: SoakRecord): string[] {
  const { end, calm, errors, failures, incidents, healthMs } = run
  const p99 = quantile(healthMs, 0.99)
  return [
    ...(end === null ? [] : [`end: the runner ended by itself with ${end}`]),
    ...growths(run).map(
      ({ name, trend }) => `growth: ${name} grew by ${round(trend.growth)} (median ${round(trend.typical)})`,
    ),
    ...bloated(run),
    ...(p99 > HEALTH_MS_MAX ? [`health: p99 is ${Math.round(p99)} ms${starvedText(run)}`] : []),
    ...errors.map(({ text, count }) => `log: ${count} × ${text}`),
    ...Object.entries(failures)
      .filter(([key]) => / 500 /.test(key))
      .map(([key, count]) => `answer: ${count} × ${key}`),
    ...incidents
      .filter(({ fault }) => UNCAUSED.test(fault))
      .map(({ fault, rule, count }) => `false: ${count} × ${fault} (${rule}), which nothing had caused`),
    ...(calm === null
      ? []
      : [
          ...calm.left.map((text) => `left: ${text}`),
          ...calm.false.map((text) => `false: ${text}`),
          ...calm.dirty.map((text) => `dirty: ${text}`),
          ...calm.failures.map((text) => `answer: ${text}, in the calm`),
          ...calm.alertsFiring.map((text) => `alert: still firing after a day of calm: ${text}`),
        ]),
  ]
}

/** Whether others had the processor so much that what was late says little. */
export function isStarved(run: Pick<SoakRecord, 'samples'>): boolean {
  return starvedShare(run) >= STARVED_SHARE
}

/** Of the time in which the runner could have computed, the share in which others had the processor. */
export function starvedShare({ samples }: Pick<SoakRecord, 'samples'>): number {
  const [first, last] = [samples[0]?.figures, samples.at(-1)?.figures]
  const during = (name: string) => (last?.[name] ?? 0) - (first?.[name] ?? 0)
  const ready = during('computed_ms') + during('waited_ms')
  return ready > 0 ? during('waited_ms') / ready : 0
}

function starvedText(run: SoakRecord): string {
  const share = starvedShare(run)
  return !isStarved(run) ? '' : `; it waited for a processor ${Math.round(share * 100)} % of the time it was ready`
}

/** Figures that are not flat. */
export function growths(run: Pick<SoakRecord, 'samples' | 'daysLeapt'>): { name: string; trend: Trend }[] {
  return Object.keys(run.samples.at(-1)?.figures ?? {}).flatMap((name) => {
    const allowed = allowanceOf(name, run.daysLeapt)
    const trend = trendOf(pointsOf(run.samples, name))
    if (allowed === null || trend === null) return []
    const most = Math.max(allowed.least, allowed.share * trend.typical)
    return trend.growth > (trend.rising > RISING ? RISING_SHARE * most : most) ? [{ name, trend }] : []
  })
}

/** Tables of which more rows were dead than alive, most of the time: nobody tidies them up. */
function bloated({ samples }: Pick<SoakRecord, 'samples'>): string[] {
  const late = samples.slice(Math.floor(samples.length / 3))
  const typical = (name: string) => median(pointsOf(late, name).map(({ value }) => value))
  return Object.keys(samples.at(-1)?.figures ?? {}).flatMap((name) => {
    const [kind, table] = name.split(' ')
    if (kind !== 'dead') return []
    const [dead, rows] = [typical(name), typical(`rows ${table}`)]
    const isWorn = dead > DEAD_ROWS_MIN && dead > DEAD_SHARE_MAX * (dead + rows)
    return isWorn ? [`bloat: ${round(dead)} rows of ${table} are dead beside ${round(rows)}`] : []
  })
}

export function pointsOf(samples: readonly Sample[], name: string): Point[] {
  return samples.flatMap(({ at, figures: { [name]: value } }) => (value === undefined ? [] : [{ at, value }]))
}

/** Null for what is not judged. */
function allowanceOf(name: string, daysLeapt: number): Allowance | null {
  const [kind, table] = name.split(' ')
  if (table === undefined) return MEMORY[name] ?? null
  if (kind === 'dead') return null // as many as the next vacuum finds
  if (!OF_TASKS.test(table) && daysLeapt < LEAPT_DAYS_MIN) return null
  return kind === 'rows' ? ROWS : BYTES
}

function round(value: number): string {
  return value >= MB ? `${(value / MB).toFixed(1)} MB` : String(Math.round(value))
}
