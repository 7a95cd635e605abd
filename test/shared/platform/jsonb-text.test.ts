import { expect, test } from 'vitest'
import { jsonbText } from '../../../shared/platform/jsonb-text.ts'

const AT = new Date('2026-02-03T04:05:06.789Z')
const LATER = new Date('2026-02-03T04:06:06.789Z')

test.each([
  ['a time by itself', AT],
  [
    'times in lists and objects, at any depth',
    { at: AT, lines: [{ at: LATER, level: 'INFO' }, [AT, null]], ends: { at: AT } },
  ],
  ['a time that is none', { at: new Date(Number.NaN) }],
  ['what is left out, and what is not', { left: undefined, list: [undefined, LATER], zero: 0, none: null }],
  ['what writes itself', { url: new URL('https://example.test/a'), at: AT }],
  ['a name that means something to JavaScript', JSON.parse('{"__proto__": {"list": [1]}, "constructor": [2]}')],
])('%s is written for the store as JSON writes it', (_, value) => {
  expect(jsonbText(value)).toBe(JSON.stringify(value))
})

test('what is written for the store stays as it was given', () => {
  const given = { at: AT, lines: [{ at: LATER }] }
  jsonbText(given)
  expect(given).toEqual({ at: AT, lines: [{ at: LATER }] })
})
