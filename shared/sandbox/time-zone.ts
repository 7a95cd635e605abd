const formatters = new Map<string, Intl.DateTimeFormat>()

/** How far ahead of UTC clocks are in a time zone, in seconds. @throws {RangeError} for a zone that there isn't */
export function offsetSecondsAt(timeZone: string, seconds: number): number {
  if (timeZone === 'UTC') return 0
  const at = Math.floor(seconds) * 1_000
  if (!(Math.abs(at) <= 8.64e15)) return 0 // no date
  const parts = Object.fromEntries(
    formatterFor(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return (Date.UTC(year, month - 1, day, hour, minute, second) - at) / 1_000
}

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const numbers = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  const formatter = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: undefined, ...numbers })
  formatters.set(timeZone, formatter)
  return formatter
}
