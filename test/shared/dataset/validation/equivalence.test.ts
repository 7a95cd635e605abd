import { expect, test } from 'vitest'
import type { Catalog, Constraint } from '../../../../shared/dataset/catalog/catalog.ts'
import { type MutationKind, mutantsOf } from '../../../../shared/dataset/validation/mutants.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalogOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()
const KEYS: Readonly<Record<string, readonly string[]>> = {
  orders: ['id'],
  customers: ['id'],
  lines: ['order_id', 'product_id'],
}
const shop = withKeys(
  catalogOf(
    {
      orders: { columns: { id: 'N', customer_id: 'N', payer_id: 'N', placed: 'D', total: 'N' } },
      customers: { columns: { id: 'N', name: 'S', referrer_id: 'N' } },
      lines: { columns: { order_id: 'N', product_id: 'N' } },
    },
    [
      'orders(customer_id) -> customers(id)',
      'orders(payer_id) -> customers(id)',
      'customers(referrer_id) -> customers(id)',
      'lines(order_id) -> orders(id)',
    ],
  ),
)
const JOIN = 'orders o join customers c on o.payer_id = c.id'

test.each<[MutationKind, string, string]>([
  ['inner_to_left', 'the WHERE demands a value', `select o.id from ${JOIN} where c.name = 'Ada'`],
  ['inner_to_left', 'the WHERE compares what a function gives', `select 1 from ${JOIN} where lower(c.name) like 'a%'`],
  [
    'inner_to_left',
    'a later join demands a value',
    `select 1 from ${JOIN} join customers r on c.referrer_id = r.id where r.name > 'A'`,
  ],
  ['drop_distinct', 'a key alone is counted', 'select count(distinct id) from orders'],
  [
    'drop_distinct',
    'the groups and what is counted are a key',
    'select o.id, count(distinct l.product_id) from lines l join orders o on l.order_id = o.id group by o.id',
  ],
  [
    'drop_distinct',
    'the rows hold a key',
    'select distinct o.id, c.name from orders o join customers c on o.payer_id = c.id',
  ],
  ['drop_predicate', 'the column is never null', 'select total from orders where id is not null'],
  ['flip_order', 'the median is asked', 'select percentile_cont(0.5) within group (order by total) from orders'],
  ['flip_order', 'there is one row', 'select count(*) as n from orders order by n desc'],
])('no %s where %s', async (kind, _, sql) => {
  expect(await kindsOf(sql)).toContain(kind)
  expect(await kindsOf(sql, shop)).not.toContain(kind)
})

test.each<[MutationKind, string, string]>([
  ['inner_to_left', 'the WHERE asks another table', `select 1 from ${JOIN} where o.total > 5`],
  [
    'inner_to_left',
    'the WHERE may be met without a value',
    `select 1 from ${JOIN} where c.name = 'Ada' or o.total > 5`,
  ],
  ['inner_to_left', 'a null is given a value', `select 1 from ${JOIN} where coalesce(c.name, 'Ada') = 'Ada'`],
  [
    'drop_distinct',
    'the join repeats the key',
    'select count(distinct o.id) from orders o join lines l on l.order_id = o.id',
  ],
  ['drop_distinct', 'a part of the key is counted', 'select count(distinct product_id) from lines'],
  ['drop_distinct', 'another column is counted', 'select count(distinct total) from orders'],
  ['drop_predicate', 'the column may be null', 'select id from orders where total is not null'],
  [
    'drop_predicate',
    'an outer join makes the column null',
    'select o.id from orders o left join customers c on o.payer_id = c.id where c.id is not null',
  ],
  ['flip_order', 'another share is asked', 'select percentile_cont(0.9) within group (order by total) from orders'],
  ['flip_order', 'there are groups', 'select count(*) as n from orders group by payer_id order by n'],
])('a %s where %s', async (kind, _, sql) => {
  expect(await kindsOf(sql, shop)).toContain(kind)
})

test.each([
  [
    'another key between the same two tables',
    'select 1 from orders o join customers c on c.id = o.customer_id',
    'select 1 from orders o join customers c on c.id = o."payer_id"',
  ],
  [
    'a key to its own table the other way round',
    'select 1 from customers c join customers r on c.referrer_id = r.id',
    'select 1 from customers c join customers r on c.id = r.referrer_id',
  ],
])('a join by %s is a change', async (_, sql, mutant) => {
  expect(await mutantsOf(parser, sql, 20, shop)).toContainEqual({ kind: 'swap_key_role', sql: mutant })
})

test('a join by the only key between two tables has no other role', async () => {
  expect(await kindsOf('select 1 from lines l join orders o on l.order_id = o.id', shop)).not.toContain('swap_key_role')
})

test.each([
  ['b = 10', ['b = 11', 'b = 9']],
  ['b > -5', ['b > -4', 'b > -6']],
  ['b < 0.99', ['b < 1.99', 'b < -0.01']],
  ['b in (1, 2)', ['b in (2, 2)', 'b in (1, 3)', 'b in (0, 2)', 'b in (1, 1)']],
  [
    "b >= date '2024-02-29'",
    ["b >= (date '2024-02-29' + interval '1 day')", "b >= (date '2024-02-29' - interval '1 day')"],
  ],
  [
    "b < '2024-01-01'",
    ["b < (timestamp '2024-01-01' + interval '1 day')", "b < (timestamp '2024-01-01' - interval '1 day')"],
  ],
  ["b in ('x', 'y')", ["b in ('helix-mutant', 'y')", "b in ('x', 'helix-mutant')"]],
])('the literals of "%s" are changed to their neighbours', async (condition, changed) => {
  const mutants = await mutantsOf(parser, `select a from t where ${condition}`, 20)
  const literals = mutants.filter(({ kind }) => kind === 'change_literal').map(({ sql }) => sql)
  expect(literals.toSorted()).toEqual(changed.map((text) => `select a from t where ${text}`).toSorted())
})

async function kindsOf(sql: string, catalog?: Catalog): Promise<readonly MutationKind[]> {
  return (await mutantsOf(parser, sql, 30, catalog)).map(({ kind }) => kind)
}

/** Primary keys, whose columns alone are never null. */
function withKeys(catalog: Catalog): Catalog {
  const relations = catalog.relations.map((relation) => {
    const columns = KEYS[relation.name] ?? []
    const primaryKey: Constraint = { name: `${relation.name}_pkey`, columns, definition: '' }
    return {
      ...relation,
      primaryKey,
      columns: relation.columns.map((column) => ({ ...column, notNull: columns.includes(column.name) })),
    }
  })

  return { ...catalog, relations }
}
