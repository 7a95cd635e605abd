/** How often things go wrong on purpose, in development. Rates are probabilities. */
export interface FaultSettings {
  /** The same seed and the same numbers of decisions give the same faults. */
  readonly seed: number
  /** Messages and cron ticks that vanish. */
  readonly drop: number
  /** Messages and cron ticks that come twice. */
  readonly duplicate: number
  /** How much later each message comes, evenly drawn. */
  readonly delay: { readonly minMs: number; readonly maxMs: number }
  /** Messages that overtake older ones. */
  readonly reorder: number
  /** Invocations by queue or schedule that die at an await of a port. */
  readonly crash: number
  /** Calls of the store whose connection is cut. */
  readonly store: number
  /** Writes of files that fail or are torn. */
  readonly files: number
  /** How far a process's clock may be from the true time, either way. */
  readonly skewMs: number
}

export const NO_FAULTS: FaultSettings = {
  seed: 1,
  drop: 0,
  duplicate: 0,
  delay: { minMs: 0, maxMs: 0 },
  reorder: 0,
  crash: 0,
  store: 0,
  files: 0,
  skewMs: 0,
}

export type ReadFaultSettings =
  | { readonly ok: true; readonly settings: FaultSettings }
  | { readonly ok: false; readonly problems: readonly string[] }

const RATES = ['drop', 'duplicate', 'reorder', 'crash', 'store', 'files'] as const
const NAMES = ['seed', ...RATES, 'delay', 'skew']
const SEED_MAX = 2 ** 32 - 1
const DELAY_MS_MAX = 900_000 // what any queue can delay a message by
const SKEW_MS_MAX = 3_600_000 // a machine whose clock is further off serves no TLS either
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const NUMBER = /^\d+(\.\d+)?$/
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** Reads `seed=42,drop=0.05,delay=0..2s,skew=±30s`. What is left out does not go wrong. Each problem says what is allowed. */
export function readFaultSettings(text: string): ReadFaultSettings {
  const problems: string[] = []
  const seen = new Set<string>()
  let settings = NO_FAULTS
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [name = '', ...rest] = entry.split('=')
    const read = readEntry(name, rest.join('='))
    if (seen.has(name)) problems.push(`"${name}" is given twice`)
    else if (typeof read === 'string') problems.push(read)
    else settings = { ...settings, ...read }
    seen.add(name)
  }
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems }
}

/** As `readFaultSettings` reads it; what does not go wrong is left out. */
export function faultSettingsText(settings: FaultSettings): string {
  const { delay, skewMs } = settings
  const rates = RATES.flatMap((name) => (settings[name] === 0 ? [] : [`${name}=${settings[name]}`]))
  const late = delay.maxMs === 0 ? [] : [`delay=${delay.minMs}ms..${delay.maxMs}ms`]
  const apart = skewMs === 0 ? [] : [`skew=±${skewMs}ms`]
  return [`seed=${settings.seed}`, ...rates, ...late, ...apart].join(',')
}

/** Whether anything can go wrong. */
export function hasFaults(settings: FaultSettings): boolean {
  return RATES.some((name) => settings[name] > 0) || settings.delay.maxMs > 0 || settings.skewMs > 0
}

function readEntry(name: string, value: string): Partial<FaultSettings> | string {
  if (name === 'seed') return readSeed(value)
  if (name === 'delay') return readDelay(value)
  if (name === 'skew') return readSkew(value)
  const rate = RATES.find((known) => known === name)
  if (rate === undefined) return `"${name}" is not a fault: use ${NAMES.join(', ')}`
  if (NUMBER.test(value) && Number(value) <= 1) return { [rate]: Number(value) }
  return `${rate}=${value} must be a probability from 0 to 1, such as ${rate}=0.05`
}

function readSeed(value: string): Partial<FaultSettings> | string {
  if (/^\d+$/.test(value) && Number(value) <= SEED_MAX) return { seed: Number(value) }
  return `seed=${value} must be a whole number from 0 to ${SEED_MAX}`
}

function readDelay(value: string): Partial<FaultSettings> | string {
  const [from = '', to = from, ...more] = value.split('..')
  const maxMs = durationMs(to)
  // A bare number before the dots is of the unit after them: `0..2s`, `1..2s`.
  const minMs = NUMBER.test(from) ? durationMs(`${from}${DURATION.exec(to)?.[2] ?? ''}`) : durationMs(from)
  if (more.length === 0 && minMs !== null && maxMs !== null && minMs <= maxMs && maxMs <= DELAY_MS_MAX) {
    return { delay: value.includes('..') ? { minMs, maxMs } : { minMs: maxMs, maxMs } }
  }
  return `delay=${value} must be a range up to 15m, the smaller first, such as delay=0..2s`
}

function readSkew(value: string): Partial<FaultSettings> | string {
  const ms = durationMs(value.replace(/^(±|\+-)/, ''))
  if (ms !== null && ms <= SKEW_MS_MAX) return { skewMs: ms }
  return `skew=${value} must be a duration up to 1h, such as skew=±30s (or +-30s)`
}

/** Whole milliseconds; null for what is no duration. */
function durationMs(text: string): number | null {
  if (text === '0') return 0
  const [, amount, unit = ''] = DURATION.exec(text) ?? []
  return amount === undefined ? null : Math.round(Number(amount) * (UNIT_MS[unit] ?? 0))
}
