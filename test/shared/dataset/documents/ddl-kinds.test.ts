import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, displayName } from '../../../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../../../shared/dataset/documents/ddl.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'
import { replayDdl, structureOf } from '../../../support/replay-ddl.ts'

const SCHEMA = `
create schema core;
comment on schema core is 'core''s schema';
create collation core.plain (locale = 'C');
create type core.state as enum ('new', '完成');
create type core.address as (street text collate core.plain, number integer);
comment on column core.address.street is 'street name';
create domain core.longer as text collate core.plain;
alter domain core.longer add constraint longer check (length(value) > 1) not valid;
create function core.distance(a float8, b float8) returns float8 language sql immutable as $$ select a - b $$;
comment on function core.distance(float8, float8) is 'how far';
create type core.span as range (subtype = float8, subtype_diff = core.distance, multirange_type_name = core.spans);
create type core.unused as enum ('nobody', 'has', 'a column of it');
create domain core."bıgınt" as bigint;
create sequence core.numbers as integer increment by 7 start with 70 minvalue 7;
comment on sequence core.numbers is 'shared';
create aggregate core.middle(float8 order by anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);

create table core.z_parent (id integer primary key, name text not null default 'n', check (id > 0));
create table core.a_child (extra core.longer, name text default 'child') inherits (core.z_parent);
create table core.b_grandchild (more core.address, alone text collate core.plain) inherits (core.a_child);
create table core.c_moved (name text not null default 'n', id integer not null, constraint z_parent_id_check check (id > 0));
alter table core.c_moved inherit core.z_parent;
create table core.d_changed (unique (id), constraint z_parent_id_check check (id > 0)) inherits (core.z_parent);
alter table core.d_changed alter column name drop default;
create table core.y_parent (name text default 'n', made date);
create table core.e_both (own integer references core.d_changed (id), primary key (id)) inherits (core.z_parent, core.y_parent);
alter table core.e_both alter column made set default '2020-01-01';
alter table core.e_both alter column made set not null;
create table core.aa_refers (child integer references core.e_both (id));
create unlogged table core.scratch (id integer default nextval('core.numbers'), spans core.spans, span core.span);
create table core.kept (id integer primary key, parent integer constraint kept_parent references core.z_parent, state core.state,
  constraint positive check (id > 0)) with (fillfactor = 70);
create index kept_state on core.kept (state) where id > 5;
comment on constraint kept_parent on core.kept is 'the parent';
comment on constraint positive on core.kept is 'more than nothing';
comment on index core.kept_state is 'by state';
create table core.parts (id integer, constraint few check (id < 1000)) partition by list (id);
create table core.parts_1 partition of core.parts for values in (1) with (fillfactor = 50);
create index parts_1_own on core.parts_1 (id);
comment on index core.parts_1_own is 'own index';
create view core.halves as select core.middle(0.5::float8) within group (order by id) from core.kept;
`

const COMMENTS = `
  select pg_describe_object(classoid, objoid, objsubid) as object, description
    from pg_description
   where objoid >= 16384
   order by 1`
const INHERITANCE =
  'select inhrelid::regclass::text as child, inhparent::regclass::text as parent from pg_inherits order by 1'
const OF_PARENTS = `
  select attrelid::regclass::text as child, attnum, attname as name, attislocal as local, attinhcount as times, attnotnull as filled,
         pg_get_expr(adbin, adrelid) as value
    from pg_attribute
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
   where attnum > 0 and attrelid in (select inhrelid from pg_inherits)
  union all
  select conrelid::regclass::text, 0, conname, conislocal, coninhcount, false, pg_get_constraintdef(oid)
    from pg_constraint
   where contype = 'c' and conrelid in (select inhrelid from pg_inherits)
   order by 1, 2, 3`
const TYPES = `
  select typname, format_type(oid, null) as type, typtype::text as kind
    from pg_type
   where typnamespace = 'core'::regnamespace and typtype in ('e', 'd', 'r', 'm')
   order by 1`

let original: TestSource
let copy: TestSource
let catalog: Catalog
let failedAtFirst: string[]

beforeAll(async () => {
  original = await openPgliteSource()
  copy = await openPgliteSource()
  await original.script(SCHEMA)
  catalog = await readCatalog(original.source)
  failedAtFirst = (await replayDdl(catalog, copy.script)).map(displayName)
})
afterAll(async () => {
  await original[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

test('collations, ranges, ordered aggregates and inherited tables come back as they were', async () => {
  expect(structureOf(await readCatalog(copy.source))).toEqual(structureOf(catalog))
})

test.each([
  ['comments on schemas, types, functions, sequences, constraints and indexes', COMMENTS],
  ['children of tables', INHERITANCE],
  ['columns and checks that tables have from their parents, and those that they declare themselves', OF_PARENTS],
  ['types that no column has', TYPES],
])('%s are recreated too', async (_, statement) => {
  const rows = async ({ source }: TestSource) => (await source.readOnly((tx) => tx.query(statement))).rows
  expect(await rows(copy)).toEqual(await rows(original))
  expect((await rows(original)).length).toBeGreaterThan(0)
})

test('only views and tables that inherit wait for what sorts after them, and no key waits with them', () => {
  expect(failedAtFirst).toEqual(['core.a_child', 'core.b_grandchild', 'core.d_changed', 'core.e_both', 'core.halves'])
})

test('a table without logging and a partition with options keep both', () => {
  expect(ddlOf('scratch')).toContain('create unlogged table core.scratch')
  expect(ddlOf('parts')).toContain('FOR VALUES IN (1) with (fillfactor=50)')
})

test('a list of tables brings no type that they do not use', async () => {
  const some = await readCatalog(original.source, { tables: ['core.kept'] })
  expect(some.prerequisites.map(({ name }) => name)).toEqual(['state'])
})

function ddlOf(name: string): string {
  const relation = catalog.relations.find((one) => one.name === name)
  return relation === undefined ? '' : renderDdl(catalog, relation)
}
