import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Catalog } from '../../../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { repairPair } from '../../../../shared/dataset/validation/repair/repair-pair.ts'
import { VALIDATION_LIMITS, validatePair } from '../../../../shared/dataset/validation/validate-pair.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'
import { pairOf } from '../../../support/validation-kit.ts'

const SCHEMA = `
  create table staff (staff_id integer primary key, last_name text, boss_id integer references staff, hired timestamp, active boolean, "zip code" text);
  create table orders (order_id integer primary key, staff_id integer references staff, city text, state text, total numeric, placed timestamp);
  insert into staff values (1, 'Ann', null, '2019-05-01', true, '100'), (2, 'Bob', 1, '2020-06-01', true, '200'), (3, 'Cid', 1, '2021-07-01', false, '300');
  insert into orders values (1, 1, 'Rome', 'RM', 10, '2020-01-05'), (2, 2, 'Rome', 'RM', 40, '2020-01-20'), (3, 2, 'Oslo', 'OS', 30, '2020-02-05')`

const parser = pgQueryParser()
let database: TestSource
let catalog: Catalog

beforeAll(async () => {
  database = await openPgliteSource()
  await database.script(SCHEMA)
  catalog = await readCatalog(database.source)
})
afterAll(() => database[Symbol.asyncDispose]())

test.each([
  [
    'a column in the wrong case inside a subquery and outside of it',
    'select g."CITY", count(*) from (select distinct "CITY" from orders) g join orders o on o."CITY" = g."CITY" group by g."CITY"',
    'select g.city, count(*) from (select distinct city from orders) g join orders o on o.city = g.city group by g.city',
  ],
  [
    'an ambiguous column beside the one that it is joined to',
    'select orders.total from orders join staff on orders.staff_id = staff_id',
    'select orders.total from orders join staff on orders.staff_id = staff.staff_id',
  ],
  [
    'an ambiguous column that the statement names elsewhere',
    'select boss.last_name, count(*) from staff join staff as boss on staff.boss_id = boss.staff_id group by last_name',
    'select boss.last_name, count(*) from staff join staff as boss on staff.boss_id = boss.staff_id group by boss.last_name',
  ],
  [
    'an ambiguous column beside a recursion',
    'with recursive t as (select staff.staff_id, staff.last_name from staff where staff.boss_id is null union all select staff.staff_id, last_name from staff join t on staff.boss_id = t.staff_id) select last_name from t',
    'with recursive t as (select staff.staff_id, staff.last_name from staff where staff.boss_id is null union all select staff.staff_id, staff.last_name from staff join t on staff.boss_id = t.staff_id) select last_name from t',
  ],
  [
    'a lost name that means the outer table',
    'select count(*) from staff where not exists (select 1 from orders where orders.staff_id = t1.staff_id)',
    'select count(*) from staff where not exists (select 1 from orders where orders.staff_id = staff.staff_id)',
  ],
  [
    'a table joined to itself without the name that told the two apart',
    'select boss.last_name from staff where exists (select 1 from staff where staff.boss_id = boss.staff_id)',
    'select boss.last_name from staff as boss where exists (select 1 from staff where staff.boss_id = boss.staff_id)',
  ],
  [
    'a GROUP BY that lacks an expression',
    `select date_trunc('month', placed) as month, count(*) from orders order by month`,
    `select date_trunc('month', placed) as month, count(*) from orders group by date_trunc('month', placed) order by month`,
  ],
  [
    'a GROUP BY that lacks a case distinction',
    `select case when total < 20 then 'low' else 'high' end level, count(*) from orders`,
    `select case when total < 20 then 'low' else 'high' end level, count(*) from orders group by case when total < 20 then 'low' else 'high' end`,
  ],
  ['a sum of texts', 'select sum(total::text) from orders', 'select sum(total) from orders'],
  [
    'a join of a number cast to text',
    'select count(*) from orders join staff on cast(orders.staff_id as text) = staff.staff_id',
    'select count(*) from orders join staff on orders.staff_id = staff.staff_id',
  ],
  [
    'a whole number with decimals in quotes',
    `select city from orders where order_id = '2.0'`,
    'select city from orders where order_id = 2.0',
  ],
  [
    'a number for yes',
    'select last_name from staff where active = 1',
    'select last_name from staff where active = true',
  ],
  [
    'a day without quotes',
    'select last_name from staff where hired > 2020-01-01',
    `select last_name from staff where hired > '2020-01-01'`,
  ],
  [
    'a day written as a number',
    'select last_name from staff where hired > 20200101',
    `select last_name from staff where hired > '2020-01-01'`,
  ],
  ['names in brackets', 'select [city], o.[state] from [orders] o', 'select city, o.state from orders o'],
  [
    'a name with a space and no quotes',
    `select last_name, zip code from staff where zip code = '200'`,
    `select last_name, "zip code" from staff where "zip code" = '200'`,
  ],
  ['a misspelt table that became a key word', 'select order.city from order', 'select orders.city from orders'],
  [
    'an argument in double quotes',
    'select date_trunc("month", placed) from orders',
    `select date_trunc('month', placed) from orders`,
  ],
])('%s is mended to what was meant', async (_, sql, expected) => {
  expect(await repaired(sql)).toMatchObject({ kind: 'repaired', by: 'rule', pair: { sql: expected } })
})

test('an unknown column of a list is not taken for a value', async () => {
  expect((await repaired('select last_name, nothing_alike from staff')).kind).toBe('unrepaired')
})

async function repaired(sql: string) {
  const { source } = database
  const limits = VALIDATION_LIMITS
  const failure = await validatePair(source, parser, { sql }, limits)
  if (failure.kind !== 'broken') throw new Error(`expected a broken statement: ${sql}`)
  return await repairPair({ source, parser, catalog, limits, llm: null, schemaText: () => '' }, pairOf(sql), failure)
}
