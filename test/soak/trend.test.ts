import { expect, test } from 'vitest'
import { quantile, trendOf } from './trend.ts'

const points = (value: (at: number) => number) => Array.from({ length: 31 }, (_, at) => ({ at, value: value(at) }))

test('a figure that rises all the time grows by its slope times the last two thirds', () => {
  expect(trendOf(points((at) => 5 * at))).toEqual({ typical: 100, growth: 100, rising: 1 })
})

test('what grows only while it warms up is flat afterwards', () => {
  expect(trendOf(points((at) => Math.min(at, 10) * 100))?.growth).toBe(0)
})

test('a saw-tooth and a few outliers are flat', () => {
  const trend = trendOf(points((at) => (at % 4) * 10 + (at === 17 || at === 29 ? 10_000 : 0)))
  expect(Math.abs(trend?.growth ?? Number.NaN)).toBeLessThan(10)
})

test('what rises slowly under a saw-tooth is told from the saw-tooth alone', () => {
  const teeth = (slope: number) => trendOf(points((at) => (at % 4) * 10 + slope * at))?.rising ?? Number.NaN
  expect(teeth(4)).toBeGreaterThan(0.6)
  expect(Math.abs(teeth(0))).toBeLessThan(0.2)
})

test('too few points have no trend', () => {
  expect(trendOf(points(() => 1).slice(0, 4))).toBeNull()
  expect(trendOf([])).toBeNull()
})

test('a quantile is one of the values, that of none is 0', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([3, 1, 2], 0.99)).toBe(3)
  expect(quantile([], 0.5)).toBe(0)
})
