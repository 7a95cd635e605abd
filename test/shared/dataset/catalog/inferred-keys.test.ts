import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, displayName, type ForeignKey } from '../../../../shared/dataset/catalog/catalog.ts'
import { profileTable } from '../../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../../../shared/dataset/documents/ddl.ts'
import { renderDocument } from '../../../../shared/dataset/documents/document.ts'
import { renderMetadata } from '../../../../shared/dataset/documents/metadata.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'

// Ids are small integers throughout: any of them is contained in any other, and only names tell them apart.
const SCHEMA = `
create schema hr;
create table customers (id int primary key, name text, referred_by int, status_id int);
create table tbl_product (product_id int, title text, order_position int, category_id int);
create table product_categories (id int primary key, label text, parent_id int);
create table countries (code text primary key, name text);
create table orders (id int primary key, customer_id int, billing_customer_id int, product_id int, house_number int,
  country_code text, priority int, total numeric, "order" int, version int, supplier_id int);
create table suppliers (id int primary key, name text);
create table hr.employees (id int primary key, "fullName" text, manager_id int, "departmentId" int);
create table hr.departments (id int, name text, manager_id int);
create table house (id int primary key, street text);
create table archive (id int primary key, customer_id int);
create table lots (year int, number int, weight int, primary key (year, number));
create table checks (id int primary key, year int, number int, result text);
create table retests (id int primary key, check_id int, year int, number int, foreign key (check_id) references checks);
create table "größen" ("größe_id" int primary key, "maß" numeric);
create table "kleider" ("n°" int primary key, "größe_id" int, kunden_id int);
create table brands (id int primary key, brand text);
create table labels (id int primary key, brand text);
create table kunde (id int primary key, vorname text);
create table claims (id int primary key, parent_id int);
create table audits (id int primary key, parent_id int);
create table contacts (id int primary key, reports_to_id int);
insert into customers select i, 'Customer ' || i, i, 1 + i % 3 from generate_series(1, 40) i;
insert into tbl_product select i, 'Product ' || i, i, 1 + i % 5 from generate_series(1, 40) i;
insert into product_categories select i, 'Kind ' || i, nullif(i / 2, 0) from generate_series(1, 5) i;
insert into countries values ('de', 'Germany'), ('fr', 'France');
insert into orders select i, 1 + i % 30, 1 + i % 7, 1 + i % 40, 1 + i % 9, (array['de', 'fr'])[1 + i % 2], 1 + i % 3, i * 2, i, 1,
  50 + i from generate_series(1, 90) i;
insert into suppliers select i, 'Supplier ' || i from generate_series(1, 20) i;
insert into hr.employees select i, 'Person ' || i, nullif(i / 4, 0), 1 + i % 4 from generate_series(1, 20) i;
insert into hr.departments select i, 'Department ' || i, i * 2 from generate_series(1, 4) i;
insert into house select i, 'Street ' || i from generate_series(1, 40) i;
insert into lots select 2020 + i % 3, i, i * 7 from generate_series(1, 30) i;
insert into checks select i, 2020 + i % 3, i, 'good' from generate_series(1, 30) i;
insert into "größen" select i, i * 1.5 from generate_series(1, 9) i;
insert into brands select i, 'Brand ' || i from generate_series(1, 9) i;
insert into labels select i, 'Brand ' || i from generate_series(1, 9) i;
insert into kunde select i, 'Vorname ' || i from generate_series(1, 9) i;
insert into claims select i, i from generate_series(1, 40) i;
insert into audits select i, 1 + i % 30 from generate_series(1, 40) i;
insert into contacts select i, case when i > 4 then 1 + i % 4 end from generate_series(1, 20) i;
insert into "kleider" select i, 1 + i % 9, 1 + i % 8 from generate_series(1, 30) i;
`

let database: TestSource
let catalog: Catalog
let inferred: readonly string[]

beforeAll(async () => {
  database = await openPgliteSource()
  await database.script(SCHEMA)
  catalog = await readCatalog(database.source, { inferKeys: true })
  inferred = catalog.foreignKeys.filter((key) => key.inferred === true).map(said)
})
afterAll(() => database[Symbol.asyncDispose]())

function said(key: ForeignKey): string {
  return `${displayName(key.from)}(${key.fromColumns.join(', ')}) -> ${displayName(key.to)}(${key.toColumns.join(', ')})`
}

test('keys that nobody declared are found by name, role, accent, plural, prefix and hierarchy, and no others', () => {
  expect(inferred.toSorted()).toEqual(
    [
      'contacts(reports_to_id) -> contacts(id)',
      'checks(year, number) -> lots(year, number)',
      'hr.departments(manager_id) -> hr.employees(id)',
      'hr.employees(departmentId) -> hr.departments(id)',
      'hr.employees(manager_id) -> hr.employees(id)',
      'kleider(größe_id) -> größen(größe_id)',
      'kleider(kunden_id) -> kunde(id)',
      'orders(billing_customer_id) -> customers(id)',
      'orders(country_code) -> countries(code)',
      'orders(customer_id) -> customers(id)',
      'orders(product_id) -> tbl_product(product_id)',
      'product_categories(parent_id) -> product_categories(id)',
      'tbl_product(category_id) -> product_categories(id)',
    ].toSorted(),
  )
})

test('small integers are no keys of a table whose name they do not bear', () => {
  expect(
    inferred.filter((key) => /house|priority|"order"|order_position|status_id|version|referred_by/.test(key)),
  ).toEqual([])
})

test('a parent is of the same table only where rows lead to a top, not to themselves or around in a ring', () => {
  expect(inferred.filter((key) => /^(claims|audits)\(/.test(key))).toEqual([])
})

test('a name proves nothing where values are missing in the target, or where there are no values', () => {
  expect(inferred.filter((key) => /supplier_id|archive/.test(key))).toEqual([])
})

test('a text that only repeats a name beside a declared key is no key', () => {
  expect(inferred.filter((key) => key.startsWith('labels('))).toEqual([])
})

test('a catalog has inferred keys only when asked for', async () => {
  const plain = await readCatalog(database.source)
  expect(plain.foreignKeys.map(said)).toEqual(['retests(check_id) -> checks(id)'])
})

test('declared keys are never inferred again', () => {
  expect(catalog.foreignKeys.filter((key) => said(key) === 'retests(check_id) -> checks(id)')).toHaveLength(1)
})

test('the same data gives the same keys in the same order', async () => {
  const again = await readCatalog(database.source, { inferKeys: true })
  expect(JSON.stringify(again.foreignKeys)).toBe(JSON.stringify(catalog.foreignKeys))
})

test('DDL never claims an inferred key, and documents and metadata say that it is inferred', async () => {
  const orders = catalog.relations.find(({ name }) => name === 'orders')
  if (orders === undefined) throw new Error('There is no table orders')
  expect(renderDdl(catalog, orders)).not.toMatch(/references|foreign key/i)
  const profile = await profileTable(database.source, orders)
  expect(renderDocument(catalog, orders, profile, { language: 'en' })).toContain(
    '- `customer_id` references `id` of `customers` (many to one), inferred from names and data, not declared',
  )
  expect(renderDocument(catalog, orders, profile, { language: 'zh' })).toContain('由名称和数据推断')
  const metadata = renderMetadata(catalog, [{ relation: orders, rows: 90, rowsExact: true }], '2024-01-01')
  expect(metadata).toContain('foreign_keys: 1\ninferred_keys: 13')
  expect(metadata).toContain('inferred_key: (customer_id) references customers (id)')
})
