import { describe, expect, test } from 'vitest'
import { endOf, instantOf, TimeText } from '../../../shared/platform/time-text.ts'

describe('a time as callers write one', () => {
  test.each([
    ['a date begins at midnight of the zone', '2025-06-27', 'Asia/Shanghai', '2025-06-26T16:00:00.000Z'],
    ['a time without an offset is one of the zone', '2025-06-27T14:30:52', 'Asia/Shanghai', '2025-06-27T06:30:52.000Z'],
    ['a time without seconds counts from the minute', '2025-06-27T14:30', 'Asia/Shanghai', '2025-06-27T06:30:00.000Z'],
    ['parts of a second are kept', '2025-06-27T14:30:52.250', 'Asia/Shanghai', '2025-06-27T06:30:52.250Z'],
    ['UTC is UTC anywhere', '2025-06-27T14:30:52Z', 'Asia/Shanghai', '2025-06-27T14:30:52.000Z'],
    ['an offset is obeyed', '2025-06-27T14:30:52+02:00', 'Asia/Shanghai', '2025-06-27T12:30:52.000Z'],
    ['summer time counts', '2025-07-01T12:00:00', 'America/New_York', '2025-07-01T16:00:00.000Z'],
    ['winter time counts', '2025-01-01T12:00:00', 'America/New_York', '2025-01-01T17:00:00.000Z'],
    ['the hour after the clocks went forward', '2025-03-09T03:30:00', 'America/New_York', '2025-03-09T07:30:00.000Z'],
  ])('%s', (_, text, timeZone, instant) => {
    expect(TimeText.safeParse(text).success).toBe(true)
    expect(instantOf(text, timeZone).toISOString()).toBe(instant)
  })

  test('a date ends where the next one begins, a time where it stands', () => {
    expect(endOf('2025-02-28', 'Asia/Shanghai').toISOString()).toBe('2025-02-28T16:00:00.000Z')
    expect(endOf('2025-12-31', 'UTC').toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(endOf('2025-06-27T14:30:52Z', 'UTC').toISOString()).toBe('2025-06-27T14:30:52.000Z')
  })

  test.each(['', 'yesterday', '2025-13-01', '2025-06-31', '27.06.2025', '1751006052'])('"%s" is none', (text) => {
    expect(TimeText.safeParse(text).success).toBe(false)
  })
})
