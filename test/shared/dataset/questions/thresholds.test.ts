import { describe, expect, test } from 'vitest'
import type { Field } from '../../../../shared/dataset/questions/scene.ts'
import {
  tellingCount,
  tellingDays,
  tellingLimit,
  tellingThreshold,
} from '../../../../shared/dataset/questions/thresholds.ts'

function field(values: readonly number[], more: Partial<Field['profile']> = {}): Field {
  const sorted = values.toSorted((one, other) => one - other)
  return {
    column: { baseType: 'numeric', category: 'N' },
    profile: {
      nullShare: 0,
      distinct: values.length,
      min: String(sorted[0]),
      max: String(sorted.at(-1)),
      values: values.map((value) => ({ value: value.toFixed(2), count: 1 })),
      valuesComplete: true,
      averageLength: 0,
      ...more,
    },
  } as unknown as Field
}

describe('a threshold', () => {
  test.each([
    ['above', [0, 10, 11, 20, 50], '10'],
    ['below', [0, 10, 11, 20, 50], '11'],
    ['above', [0.5, 1.5], '0.5'],
    ['below', [0.5, 1.5], '1.5'],
  ] as const)(
    'that is told from its neighbours has a value within one of it: %s among %j',
    (side, values, expected) => {
      expect(tellingThreshold(field(values), 0.5, side)).toBe(expected)
    },
  )

  test('lets at least one row through on either side of it', () => {
    const values = Array.from({ length: 50 }, (_, at) => at + 1)
    expect(Number(tellingThreshold(field(values), 1, 'above'))).toBeLessThan(50)
    expect(Number(tellingThreshold(field(values), 0, 'below'))).toBeGreaterThan(1)
  })

  test('is rather one that is short to say', () => {
    const values = Array.from({ length: 300 }, (_, at) => at + 1)
    expect(tellingThreshold(field(values), 0.51, 'above')).toBe('150')
  })

  test.each([
    ['above', [100, 166.1, 166.9, 167.2, 200], '167'],
    ['below', [100, 186.4, 187.27, 200], '187'],
    ['above', [100, 166.2, 167.4, 200], '167'],
    ['below', [100, 166.2, 167.4, 200], '167'],
    ['above', [0.99, 1.99], '1'],
    ['above', [100, 166.1, 166.9, 200], '166.1'],
  ] as const)('is a whole number next to a value that is long to say: %s among %j', (side, values, expected) => {
    expect(tellingThreshold(field(values), 0.6, side)).toBe(expected)
  })

  test('is none where all values are known and lie far apart, and a round number where they are not all known', () => {
    expect(tellingThreshold(field([100, 200, 300]), 0.5, 'above')).toBeNull()
    expect(tellingThreshold(field([100, 200, 310], { valuesComplete: false }), 0.5, 'above')).toBe('200')
  })
})

test('days are told from those next to them where the data has the day before as well', () => {
  const days = ['2024-02-28', '2024-03-01 10:00:00', '2024-02-29 23:00:00', '2024-05-05']
  const values = days.map((value) => ({ value, count: 1 }))
  expect(tellingDays(field([1], { values }))).toEqual(['2024-02-29', '2024-03-01'])
})

test('a number of rows tells groups apart where one group has it and another one more', () => {
  expect(tellingCount([9, 7, 6, 3, 2], 5)).toBe(6)
  expect(tellingCount([9, 7, 5], 6)).toBeNull()
})

test('a limit leaves at least one out', () => {
  expect([tellingLimit(20, 5), tellingLimit(5, 5), tellingLimit(2, 3), tellingLimit(1, 3)]).toEqual([5, 4, 1, null])
})
