import { expect, test } from 'vitest'
import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../../../shared/dataset/catalog/quote.ts'

test.each([
  ['film', 'film'],
  ['Film', '"Film"'],
  ['order', '"order"'],
  ['größe', '"größe"'],
  ['2nd', '"2nd"'],
  ['a "b"', '"a ""b"""'],
  ['with.dot', '"with.dot"'],
  ['_private1', '_private1'],
])('the name %s is written %s', (name, written) => {
  expect(quoteIdentifier(name)).toBe(written)
})

test('a relation is bare in public and qualified elsewhere', () => {
  expect(quoteRelation({ schema: 'public', name: 'Film' })).toBe('"Film"')
  expect(quoteRelation({ schema: 'Sales', name: 'film' })).toBe('"Sales".film')
})

test('a literal doubles quotes and escapes backslashes', () => {
  expect(quoteLiteral("it's")).toBe("'it''s'")
  expect(quoteLiteral(String.raw`a\b'c`)).toBe(String.raw`E'a\\b''c'`)
})
