import { expect, test } from 'vitest'
import { matchTables, parseTableList } from '../../../../shared/dataset/catalog/relation-names.ts'

const relations = [
  { schema: 'public', name: 'Album' },
  { schema: 'public', name: 'album' },
  { schema: 'public', name: 'film' },
  { schema: 'sales', name: 'film' },
  { schema: 'sales', name: 'Orders' },
  { schema: 'public', name: 'with.dot' },
]

test('a table list has names by line or comma, and comments', () => {
  const text =
    '\uFEFF# all tables\r\nfilm, actor -- two at once\r\n\r\n"Order, Details"\rfilm\n  sales.orders  # last\n'
  expect(parseTableList(text)).toEqual(['film', 'actor', '"Order, Details"', 'sales.orders'])
})

test('an empty list has no names', () => {
  expect(parseTableList('\n -- nothing\n,,\n')).toEqual([])
})

test.each([
  ['a bare name means public first', 'film', 'public.film'],
  ['a schema may be named', 'sales.film', 'sales.film'],
  ['public may be named', 'public.film', 'public.film'],
  ['a bare name finds the only schema that has it', 'Orders', 'sales.Orders'],
  ['capitals are ignored where one relation is left', 'sales.ORDERS', 'sales.Orders'],
  ['exact capitals win', 'Album', 'public.Album'],
  ['quotes are understood', '"sales"."Orders"', 'sales.Orders'],
  ['a dot may be part of a quoted name', '"with.dot"', 'public.with.dot'],
])('%s', (_, name, found) => {
  const matched = matchTables({ relations }, [name])
  expect(matched.found.map((one) => `${one.schema}.${one.name}`)).toEqual([found])
})

test('a name that fits two relations in other capitals is missing', () => {
  expect(matchTables({ relations }, ['ALBUM', 'nope'])).toEqual({ found: [], missing: ['ALBUM', 'nope'] })
})

test('a relation named twice is found once', () => {
  expect(matchTables({ relations }, ['film', 'public.film']).found).toHaveLength(1)
})
