import { expect, test } from 'vitest'
import type { Catalog } from '../../../../shared/dataset/catalog/catalog.ts'
import { mutantsOf } from '../../../../shared/dataset/validation/mutants.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalogOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()

test.each([
  ['drop_predicate', 'select a from t where b > c', 'select a from t where true'],
  [
    'drop_predicate',
    'select a from t where b is null and c is null order by a',
    'select a from t where true order by a',
  ],
  ['drop_predicate', "select a from t where '中' = b and c between d and e", "select a from t where '中' = b and true"],
  ['drop_predicate', 'select a from t group by a having count(*) > c', 'select a from t group by a having true'],
  ['change_aggregate', 'select \'总数\' as "中", sum(b) from t', 'select \'总数\' as "中", avg(b) from t'],
  ['flip_order', 'select a from t order by b desc limit x', 'select a from t order by b asc limit x'],
  ['flip_order', 'select a from t order by lower(b), c', 'select a from t order by lower(b) desc, c'],
  ['inner_to_left', 'select a from t inner join u on t.id = u.id', 'select a from t left join u on t.id = u.id'],
  ['change_literal', 'select a from t where b > 10', 'select a from t where b > 11'],
  ['change_literal', "select a from t where b in ('x', 'y')", "select a from t where b in ('helix-mutant', 'y')"],
  ['change_comparison', 'select a from t where b > 10', 'select a from t where b >= 10'],
  ['change_comparison', 'select a from t where b <= c', 'select a from t where b < c'],
  ['change_comparison', 'select a from t where lower(b) = lower(c)', 'select a from t where lower(b) <> lower(c)'],
  ['change_comparison', 'select a from t having count(*) >= 3', 'select a from t having count(*) > 3'],
  ['drop_distinct', 'select distinct a from t', 'select  a from t'],
  ['drop_distinct', 'select count(distinct a) from t', 'select count( a) from t'],
  ['change_limit', 'select a from t limit 5', 'select a from t limit 6'],
])('%s: %s', async (kind, sql, mutant) => {
  expect(await mutantsOf(parser, sql, 20)).toContainEqual({ kind, sql: mutant })
})

test('mutants parse, differ from the original and from each other, and are no more than asked for', async () => {
  const sql = `with x as (select distinct c.country, sum(i.total) as s from customer c join invoice i using (customer_id)
    where i.total > 1 and c.country in ('a', 'b') and i.day between date '2020-01-01' and date '2020-12-31' group by 1 having count(*) > 2)
    select country, row_number() over (partition by s order by s) from x where s > 3 or s < 1 order by 1 desc limit 3`
  const mutants = await mutantsOf(parser, sql, 100)
  expect(mutants.length).toBeGreaterThan(12)
  expect(new Set([sql, ...mutants.map((mutant) => mutant.sql)]).size).toBe(mutants.length + 1)
  for (const mutant of mutants) expect((await parser.parse(mutant.sql)).stmts).toHaveLength(1)
  const few = await mutantsOf(parser, sql, 8)
  expect(few).toHaveLength(8)
  expect(new Set(few.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(6)
})

test('two columns that are joined stay joined', async () => {
  const kinds = (await mutantsOf(parser, 'select 1 from t join u on t.id = u.id', 20)).map(({ kind }) => kind)
  expect(kinds).toEqual(['inner_to_left'])
})

test('an outer join that no row can tell from the inner one is no mutant', async () => {
  const sketch = catalogOf(
    { orders: { columns: { id: 'N', customer_id: 'N', agent_id: 'N' } }, customers: { columns: { id: 'N' } } },
    ['orders(customer_id) -> customers(id)'],
  )
  const relations = sketch.relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, notNull: true })),
  }))
  const mutants = async (sql: string, known: Catalog = { ...sketch, relations }) =>
    (await mutantsOf(parser, sql, 20, known)).map(({ kind }) => kind)
  const total = 'select 1 from orders o join customers c on c.id = o.customer_id'
  expect(await mutants(total)).toEqual([])
  expect(await mutants(total, sketch)).toEqual(['inner_to_left'])
  expect(await mutants('select 1 from customers c join orders o on c.id = o.customer_id')).toEqual(['inner_to_left'])
  expect(await mutants('select 1 from orders o join customers c on c.id = o.agent_id')).toEqual(['inner_to_left'])
  expect(await mutants(`${total} and c.id <> o.agent_id`)).toContain('inner_to_left')
})
