const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/y

/**
 * Milliseconds of `2h`, `90s`, `1d 12h`, `250ms`; a number is milliseconds already.
 * @throws {RangeError} for anything else, also for less than nothing and for ever
 */
export function durationMs(given: string | number): number {
  if (typeof given === 'number' && given >= 0 && Number.isFinite(given)) return given
  const text = String(given).trim()
  let total = 0
  let at = 0
  while (at < text.length) {
    PART.lastIndex = at
    const [whole, amount, unit = ''] = PART.exec(text) ?? []
    if (whole === undefined) break
    total += Number(amount) * (UNIT_MS[unit] ?? 0)
    at = PART.lastIndex + (/^\s*/.exec(text.slice(PART.lastIndex))?.[0].length ?? 0)
  }
  if (text === '' || at < text.length)
    throw new RangeError(`"${given}" is no duration: use 90s, 2h, 1d 12h or milliseconds`)
  return Math.round(total)
}
