import type { Queryable } from '../../shared/platform/store.ts'
import { migrationTexts } from '../drivers/migrate.ts'

export interface Column {
  readonly name: string
  /** As Postgres writes it: `character varying(32)`. */
  readonly type: string
}

export interface Table {
  readonly name: string
  /** Those that hold values of their own: generated ones follow from them. */
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  /** Tables whose rows must be there before this one's. */
  readonly needs: readonly string[]
}

const READ_COLUMNS = `
  select c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
         coalesce(array_position(i.indkey::smallint[], a.attnum), -1) as key_place
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
   where c.relnamespace = current_schema()::regnamespace
     and c.relkind = 'r'
     and c.relname = any ($1)
     and a.attnum > 0
     and not a.attisdropped
     and a.attgenerated = ''
   order by c.relname, a.attnum`

const READ_NEEDS = `
  select c.relname as table_name, f.relname as needed
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_class f on f.oid = k.confrelid
   where k.contype = 'f'
     and c.relnamespace = current_schema()::regnamespace
     and c.relname = any ($1)
     and f.relname <> c.relname
   order by c.relname, f.relname`

// A number that was handed out is not handed out again: it may be ahead of the rows, never behind.
const READ_SEQUENCES = `
  select t.relname as table_name, a.attname as column_name, q.last_value
    from pg_class s
    join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                    and d.deptype in ('a', 'i')
    join pg_class t on t.oid = d.refobjid
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    join pg_sequences q on q.schemaname = current_schema() and q.sequencename = s.relname
   where s.relkind = 'S'
     and s.relnamespace = current_schema()::regnamespace
     and t.relname = any ($1)
     and q.last_value is not null
   order by t.relname, a.attname`

const READ_MIGRATIONS = `
  select name
    from helix_migrations
   order by id`

export interface SequenceValue {
  readonly table: string
  readonly column: string
  readonly last: number
}

/** Helix's own tables on a store, whatever else lies beside them; those that others need first. */
export async function readTables(store: Queryable): Promise<Table[]> {
  const names = ownTableNames()
  const columns = await store.query<ColumnRow>(READ_COLUMNS, [names])
  const needs = await store.query<{ table_name: string; needed: string }>(READ_NEEDS, [names])
  const tables = [...new Set(columns.rows.map((row) => row.table_name))].map((name): Table => {
    const own = columns.rows.filter((row) => row.table_name === name)
    return {
      name,
      columns: own.map((row) => ({ name: row.name, type: row.type })),
      primaryKey: own
        .filter((row) => row.key_place >= 0)
        .toSorted((one, other) => one.key_place - other.key_place)
        .map((row) => row.name),
      needs: needs.rows.filter((row) => row.table_name === name).map((row) => row.needed),
    }
  })
  return neededFirst(tables)
}

export async function readSequences(store: Queryable, tables: readonly Table[]): Promise<SequenceValue[]> {
  const { rows } = await store.query<{ table_name: string; column_name: string; last_value: number }>(READ_SEQUENCES, [
    tables.map(({ name }) => name),
  ])
  return rows.map((row) => ({ table: row.table_name, column: row.column_name, last: Number(row.last_value) }))
}

/** Names of the migrations that have run on a store, oldest first. */
export async function readMigrations(store: Queryable): Promise<string[]> {
  const { rows } = await store.query<{ name: string }>(READ_MIGRATIONS)
  return rows.map(({ name }) => name)
}

/** Every table that a migration makes: the store may share its database with others'. */
export function ownTableNames(): string[] {
  const made = migrationTexts().flatMap((text) => [
    ...text.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_0-9]+)/gi),
  ])
  return [...new Set(made.map(([, name = '']) => name))]
}

function neededFirst(tables: readonly Table[]): Table[] {
  const ordered: Table[] = []
  const names = new Set(tables.map(({ name }) => name))
  while (ordered.length < tables.length) {
    const done = new Set(ordered.map(({ name }) => name))
    const next = tables.filter(
      (table) => !done.has(table.name) && table.needs.every((need) => done.has(need) || !names.has(need)),
    )
    if (next.length === 0) throw new Error('Tables of the store need each other in a circle')
    ordered.push(...next)
  }
  return ordered
}

interface ColumnRow {
  table_name: string
  name: string
  type: string
  key_place: number
}
