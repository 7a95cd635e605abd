import { expect, test } from 'vitest'
import { measureCoverage } from '../../../../shared/dataset/validation/coverage.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalogOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()
const KEYS = {
  customer: 'orders(customer_id) -> customers(id)',
  billTo: 'orders(bill_to_id) -> customers(id)',
  line: 'lines(order_id, order_year) -> orders(id, year)',
  boss: 'staff(boss_id) -> staff(id)',
}
const catalog = catalogOf(
  {
    customers: { columns: { id: 'N', name: 'S' } },
    orders: { columns: { id: 'N', year: 'N', customer_id: 'N', bill_to_id: 'N' } },
    lines: { columns: { order_id: 'N', order_year: 'N', price: 'N' } },
    staff: { schema: 'hr', columns: { id: 'N', boss_id: 'N' } },
    order_totals: { kind: 'view', columns: { id: 'N', total: 'N' } },
  },
  Object.values(KEYS),
)

async function joined(sql: string): Promise<string[]> {
  const missing = (await measureCoverage(parser, catalog, [sql])).foreignKeys.missing.map(({ name }) => name)
  const names = { ...KEYS, boss: 'hr.staff(boss_id) -> hr.staff(id)' }
  return Object.entries(names).flatMap(([key, name]) => (missing.includes(name) ? [] : [key]))
}

test.each([
  ['through aliases', 'select 1 from orders o join customers c on c.id = o.customer_id', ['customer']],
  ['without qualifiers', 'select 1 from orders join customers on customers.id = bill_to_id', ['billTo']],
  ['in WHERE', 'select 1 from orders o, customers c where o.customer_id = c.id and c.name is not null', ['customer']],
  [
    'of both columns of a composite key',
    'select 1 from lines l join orders o on l.order_id = o.id and l.order_year = o.year',
    ['line'],
  ],
  ['as rows', 'select 1 from lines l join orders o on (l.order_id, l.order_year) = (o.id, o.year)', ['line']],
  ['of one column of a composite key: no', 'select 1 from lines l join orders o on l.order_id = o.id', []],
  ['of a table with itself', 'select 1 from hr.staff s left join hr.staff b on s.boss_id = b.id', ['boss']],
  [
    'through a CTE that renames',
    'with x(cid) as (select customer_id from orders) select 1 from x join customers c on c.id = x.cid',
    ['customer'],
  ],
  [
    'through a derived table',
    'select 1 from (select o.bill_to_id as b from orders o) d join customers c on d.b = c.id',
    ['billTo'],
  ],
  [
    'to an outer query',
    'select 1 from customers c where exists (select 1 from orders o where o.customer_id = c.id)',
    ['customer'],
  ],
  ['by nothing', 'select 1 from orders cross join customers', []],
])('a key counts as joined %s', async (_, sql, expected) => {
  expect(await joined(sql)).toEqual(expected)
})

test('columns count when they are named, a star names none, and an alias of a result is none', async () => {
  const { columns, tables } = await measureCoverage(parser, catalog, [
    'select * from orders',
    'select count(*) as id, name as year from customers c group by name order by year',
  ])
  expect(columns).toMatchObject({ covered: 1, total: 11 })
  expect(columns.missing).toContainEqual({ name: 'orders.id', reason: 'not_used' })
  expect(tables.missing.map(({ name }) => name)).toEqual(['lines', 'hr.staff'])
})

test('views are counted apart, and a reason that the caller knows is kept', async () => {
  const { views, tables } = await measureCoverage(
    parser,
    catalog,
    ['select total from order_totals'],
    new Map([['lines', 'empty']]),
  )
  expect(views).toEqual({ covered: 1, total: 1, missing: [] })
  expect(tables.missing).toContainEqual({ name: 'lines', reason: 'empty' })
})
