import { dayOf, thresholdOf } from './conditions.ts'
import type { Field } from './scene.ts'

/** Where the next value lies that a threshold is told from: `>` and `<=` need one just above, `>=` and `<` one just below. */
export type Side = 'above' | 'below'

const DIGIT_COST = 0.04 // of the range: so far from its place a number may be that is shorter to say
const DIGITS_SAID = 2 // `17.91` is nothing that a person says: rather a whole number next to it

/**
 * A value of the data about `share` of the way from the smallest to the largest, with another within one of it: moved by
 * one, the threshold lets other rows through. A whole number between the two where the value is long to say. Null where
 * the values lie too far apart for that.
 */
export function tellingThreshold(field: Field, share: number, side: Side): string | null {
  const { profile } = field
  const values = [...new Set(profile.values.map(({ value }) => Number(value)))]
    .filter((value) => Number.isFinite(value))
    .toSorted((one, other) => one - other)
  const [low, high] = [Number(profile.min ?? Number.NaN), Number(profile.max ?? Number.NaN)]
  const telling = values.slice(1).flatMap((other, at) => {
    const one = values[at] ?? other
    const value = side === 'above' ? one : other
    if (side === 'above' ? one >= high : other <= low) return []
    const whole = digits(value) > DIGITS_SAID ? wholeBetween(one, other, side) : []
    return other - one <= 1 ? [value, ...whole] : whole
  })
  const cost = (value: number) =>
    Math.abs(value - low - (high - low) * share) / (high - low) + digits(value) * DIGIT_COST
  const best = telling.filter((value) => PLAIN.test(String(value))).toSorted((one, other) => cost(one) - cost(other))[0]
  if (best !== undefined) return String(best)
  return profile.valuesComplete ? null : thresholdOf(field, share)
}

const PLAIN = /^-?\d+(\.\d{1,3})?$/

/** A whole number with one of the two within one of it on either side. */
function wholeBetween(one: number, other: number, side: Side): readonly number[] {
  const [least, most] = [Math.max(one, other - 1), Math.min(other, one + 1)]
  const whole = side === 'above' ? Math.ceil(least) : Math.floor(most)
  return (side === 'above' ? whole < most : whole > least) ? [whole] : []
}

/** Digits that have to be said: of 1200 two, of 12.5 three. */
function digits(value: number): number {
  return String(value).replace(/^-|\.|(?<!\..*)0+$/g, '').length
}

/** Days of the data whose day before is in it too: `>=` and `<` are told from those of the days next to them. In order. */
export function tellingDays({ profile }: Field): readonly string[] {
  const days = new Set(profile.values.flatMap(({ value }) => dayOf(value) ?? []))
  return [...days].filter((day) => days.has(dayBefore(day))).toSorted()
}

const DAY_MS = 86_400_000

export function dayBefore(day: string): string {
  return new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10)
}

/**
 * A number of rows that some group has while another has one more, nearest to `wanted`: `> n` and `> n + 1` differ, and
 * so do `> n` and `> n - 1`. Null where there is none.
 */
export function tellingCount(counts: readonly number[], wanted: number): number | null {
  const known = new Set(counts)
  const telling = [...known].filter((count) => known.has(count + 1))
  return telling.toSorted((one, other) => Math.abs(one - wanted) - Math.abs(other - wanted))[0] ?? null
}

/** At most `wanted` of so many, and never all: one more makes a difference. Null where there are fewer than two. */
export function tellingLimit(distinct: number, wanted: number): number | null {
  return distinct < 2 ? null : Math.min(wanted, distinct - 1)
}
