import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSample, SAMPLE_NAME, SAMPLE_TABLES } from '../../../local/samples/highway/sample.ts'
import { highwayScript } from '../../../local/samples/highway/script.ts'
import { type Catalog, type ForeignKey, sameRelation } from '../../../shared/dataset/catalog/catalog.ts'
import { profileTable } from '../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../shared/dataset/catalog/read-catalog.ts'
import type { Source } from '../../../shared/platform/source.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ROWS_SHA256 = '06973c445d0c04e2430ba5ae403d70383ae75157ca7c382c5c7b79aa19416134'

test('the rows are the same text every time and on every machine', () => {
  const hash = () => createHash('sha256').update(highwayScript().slice(1).join('')).digest('hex')
  expect(hash()).toBe(hash())
  expect(hash()).toBe(ROWS_SHA256)
})

describe('the sample', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let source: Source
  let catalog: Catalog
  beforeAll(async () => {
    folder = await temporaryFolder()
    await mkdir(join(folder.path, 'sample', 'highway-0123456789abcdef'), { recursive: true })
    source = await openSample(folder.path)
    catalog = await readCatalog(source)
  })
  afterAll(async () => {
    await source[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  /** The one row that a statement answers. */
  const one = async (sql: string) => (await source.readOnly((tx) => tx.query(sql))).rows[0]

  test('goes by its own name, which the embedded database does not know', async () => {
    expect([source.name, source.database, catalog.database]).toEqual([SAMPLE_NAME, SAMPLE_NAME, SAMPLE_NAME])
    expect(await one('select current_database() as name')).not.toEqual({ name: SAMPLE_NAME })
  })

  test('refuses to be changed', async () => {
    const limits = { rowsMax: 1, bytesMax: 1_000, timeoutMs: 5_000 }
    await expect(source.read('delete from bss_complaint', limits)).rejects.toMatchObject({ code: '42601' })
    const change = source.readOnly((tx) => tx.query('delete from bss_complaint'))
    await expect(change).rejects.toMatchObject({ code: '25006' })
  })

  test('has the tables of its list, each with a comment on itself and on every column', () => {
    expect(catalog.relations.map(({ name }) => name).toSorted()).toEqual([...SAMPLE_TABLES].toSorted())
    const silent = catalog.relations.flatMap(({ name, comment, columns }) => [
      ...(comment === null ? [name] : []),
      ...columns.filter((column) => column.comment === null).map((column) => `${name}.${column.name}`),
    ])
    expect(silent).toEqual([])
  })

  test('shows what a schema can hold: keys of two columns, a key to itself, an enum, a view', () => {
    const self = catalog.foreignKeys.filter(({ from, to }) => sameRelation(from, to)).map(({ from }) => from.name)
    const composite = catalog.foreignKeys.filter((key) => key.fromColumns.length > 1).map(({ from }) => from.name)
    expect(self).toEqual(['bss_service_area'])
    expect(composite.toSorted()).toEqual(['bss_business_day_data', 'bss_complaint'])
    expect(catalog.enums.map(({ name }) => name)).toEqual(['bss_vehicle_type'])
    expect(catalog.relations.filter(({ kind }) => kind === 'view').map(({ name }) => name)).toEqual([
      'bss_service_area_month_revenue',
    ])
    expect(catalog.relations.find(({ name }) => name === 'bss_section_route_area_link')?.primaryKey?.columns).toEqual([
      'section_route_id',
      'service_area_id',
    ])
  })

  test('has rows in every table, some 25 thousand in all, and every column profiled', async () => {
    let total = 0
    for (const relation of catalog.relations) {
      const profile = await profileTable(source, relation)
      expect(profile.rows).toBeGreaterThan(0)
      expect(Object.keys(profile.columns)).toEqual(relation.columns.map(({ name }) => name))
      const empty = relation.columns.filter(({ name }) => profile.columns[name]?.nullShare === 1)
      expect(empty).toEqual([])
      if (relation.kind === 'table') total += profile.rows
    }
    expect(total).toBeGreaterThan(20_000)
    expect(total).toBeLessThan(26_000)
  })

  test('has no row whose foreign key leads nowhere', async () => {
    expect(catalog.foreignKeys.length).toBeGreaterThan(10)
    for (const key of catalog.foreignKeys) expect([key.name, await one(orphansOf(key))]).toEqual([key.name, { n: 0 }])
  })

  test('covers every day of two years', async () => {
    const days = `select count(distinct business_date)::int as n, min(business_date) as first, max(business_date) as last
                    from bss_business_day_data`
    expect(await one(days)).toEqual({ n: 731, first: '2023-01-01', last: '2024-12-31' })
  })

  test.each([
    [
      'the view adds up to the takings',
      'select (select sum(month_amount) from bss_service_area_month_revenue) <> (select sum(total_amount) from bss_business_day_data) as wrong',
    ],
    [
      'a center is of the same company, and centers never go round in a ring',
      `with recursive below as (
         select id, branch_id from bss_service_area where center_area_id is null
         union all
         select a.id, a.branch_id from bss_service_area a join below on a.center_area_id = below.id
       )
       select (select count(*) from below) <> (select count(*) from bss_service_area)
           or (select bool_or(b.company_id <> c.company_id)
                 from bss_service_area a
                 join bss_service_area center on center.id = a.center_area_id
                 join bss_branch b on b.id = a.branch_id
                 join bss_branch c on c.id = center.branch_id) as wrong`,
    ],
    [
      'vehicles are counted where there is a counter, and only there',
      'select bool_or(has_car_counter <> exists (select from bss_car_day_count c where c.service_area_id = area.id)) as wrong from bss_service_area area',
    ],
    [
      'nobody trades before opening or after closing',
      'select bool_or(d.business_date < m.opened_on or d.business_date > m.closed_on) as wrong from bss_business_day_data d join bss_merchant m on m.id = d.merchant_id',
    ],
    [
      'a shop is run by the branch of its area',
      'select bool_or(m.branch_id <> a.branch_id) as wrong from bss_merchant m join bss_service_area a on a.id = m.service_area_id',
    ],
    [
      'an order costs what one does',
      'select bool_or(total_amount / total_order_count not between 10 and 300) as wrong from bss_business_day_data',
    ],
    [
      'tank lorries stay away on National Day',
      "select bool_or(car_count > 0) as wrong from bss_car_day_count where vehicle_type = '危化品车' and count_date = '2024-10-01'",
    ],
    [
      'complaints are closed after they were made',
      'select bool_or(closed_at <= complained_at) as wrong from bss_complaint',
    ],
  ])('makes sense: %s', async (_, sql) => {
    expect(await one(sql)).toEqual({ wrong: false })
  })

  test('people travel and buy more on holidays, and more each year', async () => {
    const sql = `select avg(total_amount) filter (where business_date between '2024-10-01' and '2024-10-07')::float8 as holiday,
                        avg(total_amount) filter (where business_date between '2024-11-04' and '2024-11-08')::float8 as usual
                   from bss_business_day_data where merchant_id = 1`
    const { holiday, usual } = (await one(sql)) as { holiday: number; usual: number }
    expect(holiday / usual).toBeGreaterThan(1.5)
    expect(holiday / usual).toBeLessThan(2.5)
    const years = `select (sum(total_amount) filter (where business_date >= '2024-01-01')
                         / sum(total_amount) filter (where business_date < '2024-01-01'))::float8 as growth
                     from bss_business_day_data where merchant_id = 1 and to_char(business_date, 'MM') = '06'`
    const { growth } = (await one(years)) as { growth: number }
    expect(growth).toBeGreaterThan(1.03)
    expect(growth).toBeLessThan(1.2)
  })

  test('takes the place of a sample of another release, and opens again as it was', async () => {
    const before = await one('select sum(total_amount) as total from bss_business_day_data')
    const entries = await readdir(join(folder.path, 'sample'))
    expect(entries).toHaveLength(1)
    expect(existsSync(join(folder.path, 'sample', 'highway-0123456789abcdef'))).toBe(false)
    await source[Symbol.asyncDispose]()
    source = await openSample(folder.path)
    expect(await readdir(join(folder.path, 'sample'))).toEqual(entries)
    expect(await one('select sum(total_amount) as total from bss_business_day_data')).toEqual(before)
  })
})

function orphansOf({ from, fromColumns, to, toColumns }: ForeignKey): string {
  const pairs = fromColumns.map((column, at) => `target.${toColumns[at]} = child.${column}`)
  const filled = fromColumns.map((column) => `child.${column} is not null`)
  return `select count(*)::int as n from ${from.name} child
           where ${filled.join(' and ')} and not exists (select from ${to.name} target where ${pairs.join(' and ')})`
}
