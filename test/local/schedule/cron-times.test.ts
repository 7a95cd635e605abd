import { expect, test } from 'vitest'
import { cronTimes, nextTimes } from '../../../local/schedule/cron-times.ts'

test.each([
  ['* * * * *', '2025-06-27T02:59:30Z', ['2025-06-27T03:00', '2025-06-27T03:01']],
  ['*/5 * * * *', '2025-12-31T23:55:00Z', ['2026-01-01T00:00', '2026-01-01T00:05']],
  ['0 3 * * *', '2025-06-27T03:00:00Z', ['2025-06-28T03:00', '2025-06-29T03:00']],
  ['30 8-9 * * MON-FRI', '2025-06-27T09:00:00Z', ['2025-06-27T09:30', '2025-06-30T08:30']],
  ['0 4 * * SUN', '2025-06-27T00:00:00Z', ['2025-06-29T04:00', '2025-07-06T04:00']],
  ['0 0 29 2 *', '2025-06-27T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['0 0 L * *', '2025-06-27T00:00:00Z', ['2025-06-30T00:00', '2025-07-31T00:00']],
  ['0 0 1 * MON', '2025-06-27T00:00:00Z', ['2025-06-30T00:00', '2025-07-01T00:00']],
])('%s after %s is due at its next times in UTC', (expression, after, due) => {
  const found = nextTimes(cronTimes(expression), new Date(after), 2)
  expect(found.map((at) => at.toISOString().slice(0, 16))).toEqual(due)
})

test('a day that never comes is refused', () => {
  expect(() => cronTimes('0 0 31 2 *')).toThrow('impossible day')
})
