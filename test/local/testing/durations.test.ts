import { expect, test } from 'vitest'
import { durationMs } from '../../../local/testing/durations.ts'

test.each([
  ['90s', 90_000],
  ['2h', 7_200_000],
  ['1d 12h', 129_600_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['250ms', 250],
  [250, 250],
  [0, 0],
])('%s is %i ms', (given, expected) => expect(durationMs(given)).toBe(expected))

test.each(['', '2', 'h', '2h ago', '-1h', -1, Number.NaN, Number.POSITIVE_INFINITY])(
  '"%s" is refused as a duration',
  (given) => {
    expect(() => durationMs(given)).toThrow(RangeError)
  },
)
