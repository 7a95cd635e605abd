import { describe, expect, test } from 'vitest'
import { featuresOf } from '../../../../shared/dataset/questions/features.ts'
import { hardnessOf } from '../../../../shared/dataset/questions/hardness.ts'
import { usageOf } from '../../../../shared/dataset/questions/usage.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalog, column, foreignKey, relation } from '../../../support/catalog-factory.ts'

const parser = pgQueryParser()

// Levels as Spider's own evaluation.py gives them.
test.each([
  ['easy', 'select count(*) from singer'],
  ['easy', "select name from singer where country = 'France'"],
  ['medium', 'select name, country, age from singer order by age desc'],
  ['medium', "select avg(age), min(age), max(age) from singer where country = 'France'"],
  ['medium', 'select s.name, count(*) from concert c join stadium s on c.stadium_id = s.id group by s.id'],
  ['hard', 'select country, count(*) from singer where age > 20 group by country order by count(*) desc'],
  ['hard', 'select name from stadium where id not in (select stadium_id from concert)'],
  ['hard', 'select name from stadium except select name from concert'],
  [
    'extra',
    'select s.name, s.capacity from concert c join stadium s on c.stadium_id = s.id where c.year >= 2014 group by s.id order by count(*) desc limit 1',
  ],
  ['extra', "select name, age from singer where age > (select avg(age) from singer) and country = 'France'"],
])('is %s: %s', async (level, sql) => expect(hardnessOf(await parser.parse(sql))).toBe(level))

test.each([
  ['select count(*) filter (where a > 1), sum(b) over (order by c) from t', ['filter', 'running_sum', 'count']],
  ['select count(distinct a) from t', ['count_distinct']],
  [
    "select date_trunc('month', d), extract(year from d) from t where d > date '2020-01-01' - interval '3 days'",
    ['date_trunc', 'extract', 'interval'],
  ],
  [
    "select a from t where a ilike '%x%' and b ~ '^y' and c between 1 and 2 and d in (1, 2)",
    ['ilike', 'regex', 'between', 'in'],
  ],
  ['select a from t where not exists (select 1 from u where u.x = t.x)', ['not_exists', 'correlated_subquery']],
  ['select a from t where b > (select avg(b) from t)', ['scalar_subquery']],
  ['with a as (select 1), b as (select 2) select * from a, b', ['cte', 'two_ctes']],
  [
    'with recursive a as (select 1 union all select 2 from a) select * from a',
    ['recursive_cte', 'union', 'set_operation'],
  ],
  ['select t.a from t left join u on u.x = t.x where u.x is null', ['left_join', 'anti_join']],
  ['select a.x from t a join t b on a.x = b.y join u on u.x = a.x', ['self_join', 'join_3']],
  ['select distinct on (a) a, b from t', ['distinct_on']],
  ['select a, b from t group by rollup (a, b) having count(*) > 1', ['group_by', 'rollup', 'having']],
  ['select u.x from t cross join lateral (select t.a as x) u', ['lateral']],
  [
    "select percentile_cont(0.5) within group (order by a), string_agg(b, ',') from t",
    ['percentile_cont', 'string_agg'],
  ],
  [
    "select a from t where 'x' = any(tags) and doc @@ to_tsquery('y') and j ->> 'k' = 'v'",
    ['array_operator', 'text_search', 'json_operator'],
  ],
])('features of %s', async (sql, features) =>
  expect(featuresOf(await parser.parse(sql))).toEqual(expect.arrayContaining(features)),
)

test('a plain DISTINCT is not DISTINCT ON, and an uncorrelated subquery is not correlated', async () => {
  expect(featuresOf(await parser.parse('select distinct a from t where a in (select b from u where u.c > 1)'))).toEqual(
    ['in', 'where', 'distinct'],
  )
})

describe('what a statement names', () => {
  const shop = catalog(
    [
      relation('customers', [column('id'), column('name'), column('city')]),
      relation('orders', [column('id'), column('customer_id'), column('payer_id'), column('total')]),
    ],
    [foreignKey('orders.customer_id', 'customers.id'), foreignKey('orders.payer_id', 'customers.id')],
  )
  const keyOf = (name: string) => `orders.orders_${name}_fkey`

  test.each([
    [
      'select c.name from orders o join customers c on o.payer_id = c.id',
      ['customers.id', 'customers.name', 'orders.payer_id'],
      [keyOf('payer_id')],
    ],
    ['select * from customers', [], []],
    [
      'select name from customers where exists (select 1 from orders where customer_id = customers.id)',
      ['customers.id', 'customers.name', 'orders.customer_id'],
      [keyOf('customer_id')],
    ],
    [
      'select city from customers where id in (select customer_id from orders)',
      ['customers.city', 'customers.id', 'orders.customer_id'],
      [keyOf('customer_id')],
    ],
    ['with o as (select total as name from orders) select name from o', ['orders.total'], []],
    ['select name from customers union select city from customers', ['customers.city', 'customers.name'], []],
  ])('%s', async (sql, columns, keys) => {
    const usage = usageOf(await parser.parse(sql), shop)
    expect(usage.columns).toEqual(columns)
    expect(usage.foreignKeys).toEqual(keys)
  })
})
