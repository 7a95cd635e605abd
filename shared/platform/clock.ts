/** The only source of time. Tests advance it by hand. */
export interface Clock {
  now(): Date
  /** IANA name of the zone in which people read ids and timestamps. */
  readonly timeZone: string
  /** True where the time is not that of the machine on purpose: it stands still, or somebody has sent it ahead. */
  readonly simulated?: boolean
  /** Resolves after `ms`, or early (without error) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `2025-06-27T14:30:52` in the clock's zone: how the API and the files write a time. */
export function localTime(at: Date, timeZone: string): string {
  const second = Math.floor(at.getTime() / 1_000)
  if (last.second === second && last.timeZone === timeZone) return last.text
  const text = formatterFor(timeZone).format(at).replace(' ', 'T')
  last = { second, timeZone, text }
  return text
}

let last = { second: Number.NaN, timeZone: '', text: '' } // most times that are written are of the same second

/** `20250627_143052` in the clock's zone: the time part of a task id. */
export function timestampId(at: Date, timeZone: string): string {
  return localTime(at, timeZone).replaceAll(/[-:]/g, '').replace('T', '_')
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // The Swedish locale writes ISO 8601 order: 2025-06-27 14:30:52
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formatters.set(timeZone, formatter)
  }
  return formatter
}
