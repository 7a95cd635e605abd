import * as z from 'zod'
import { localTime } from './clock.ts'

/** A time as callers write one: a date, or a date and time, with an offset or in the zone of this Helix. */
export const TimeText = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
  error: 'must be a date or an ISO 8601 time: 2025-06-27, 2025-06-27T14:30:52, 2025-06-27T06:30:52Z',
})

const DAY_MS = 24 * 3_600_000
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/
const WITH_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i

/** The instant that a text speaks of. @param timeZone for texts without an offset */
export function instantOf(text: string, timeZone: string): Date {
  if (DATE_ONLY.test(text)) return inZone(`${text}T00:00:00`, timeZone)
  return WITH_OFFSET.test(text) ? new Date(text) : inZone(text, timeZone)
}

/** The first instant that is no longer within a text: a date stands for its whole day. */
export function endOf(text: string, timeZone: string): Date {
  if (!DATE_ONLY.test(text)) return instantOf(text, timeZone)
  const nextDay = new Date(Date.parse(`${text}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
  return inZone(`${nextDay}T00:00:00`, timeZone)
}

function inZone(local: string, timeZone: string): Date {
  const asUtc = Date.parse(`${local}Z`)
  // The offset depends on the instant: a first guess finds it, a second one corrects the guess near a change of the clocks.
  const guess = asUtc - offsetMs(asUtc, timeZone)
  return new Date(asUtc - offsetMs(guess, timeZone))
}

function offsetMs(atMs: number, timeZone: string): number {
  const wholeSecond = Math.floor(atMs / 1000) * 1000
  return Date.parse(`${localTime(new Date(wholeSecond), timeZone)}Z`) - wholeSecond
}
