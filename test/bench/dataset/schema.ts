/** A business that a bench can make in any size: the same numbers give the same tables and rows. */
export interface GeneratedSchema {
  readonly tables: number
  readonly schemas: number
  readonly rowsPerTable: number
}

const AREAS = ['sales', 'stock', 'people', 'finance', 'service', 'fleet', 'legal', 'web', 'public']
const THINGS = 'order invoice payment shipment contract customer supplier product warehouse employee'.split(' ')
const PARTS = 'item note visit review target plan claim quote return budget grade route shift audit batch'.split(' ')
const COMPOSITE_EVERY = 10

/** Statements that make the tables: names of two words, keys to the table before, a composite key in every tenth. */
export function schemaSql({ tables, schemas, rowsPerTable }: GeneratedSchema): readonly string[] {
  const areas = [...AREAS.slice(0, schemas - 1), 'public']
  const statements = areas.filter((area) => area !== 'public').map((area) => `create schema ${area}`)
  const names = Array.from({ length: tables }, (_, index) => `${areas[index % areas.length]}.${nameOf(index)}`)
  for (const [index, name] of names.entries()) {
    const target = index === 0 ? name : (names[Math.floor(index / 2)] ?? name)
    statements.push(index % COMPOSITE_EVERY === 0 ? compositeTable(name) : plainTable(name, target, index))
    statements.push(...rowsSql(name, index, rowsPerTable))
  }
  return [...statements, 'analyze']
}

function nameOf(index: number): string {
  const thing = THINGS[index % THINGS.length] ?? 'thing'
  const part = PARTS[Math.floor(index / THINGS.length) % PARTS.length] ?? 'part'
  const round = Math.floor(index / (THINGS.length * PARTS.length))
  return `${thing}_${part}${round === 0 ? '' : `_${['draft', 'archive', 'yearly', 'legacy'][round - 1] ?? round}`}`
}

function compositeTable(name: string): string {
  return `create table ${name} (id integer not null unique, year integer not null, title text not null,
            status text not null check (status in ('open', 'held', 'done')), amount numeric(10,2), primary key (id, year))`
}

function plainTable(name: string, target: string, index: number): string {
  const isComposite = Math.floor(index / 2) % COMPOSITE_EVERY === 0
  const key = isComposite
    ? `parent_id integer, parent_year integer, foreign key (parent_id, parent_year) references ${target} (id, year)`
    : `parent_id integer references ${target} (id)`
  return `create table ${name} (id integer primary key, title text not null,
            status text not null check (status in ('open', 'held', 'done')), amount numeric(10,2), quantity integer,
            active boolean not null, created_at timestamptz not null, ${key})`
}

function rowsSql(name: string, index: number, rows: number): readonly string[] {
  if (rows === 0) return []
  const status = `(array['open', 'held', 'done'])[1 + n % 3]`
  const title = `'Title ' || n`
  if (index % COMPOSITE_EVERY === 0) {
    return [
      `insert into ${name} select n, 2020 + n % 5, ${title}, ${status}, n * 1.25 from generate_series(1, ${rows}) n`,
    ]
  }
  const isComposite = Math.floor(index / 2) % COMPOSITE_EVERY === 0
  const parent = isComposite ? 'n, 2020 + n % 5' : 'n'
  return [
    `insert into ${name} select n, ${title}, ${status}, n * 2.5, n % 40, n % 4 > 0,
            timestamptz '2023-01-01 00:00:00+00' + n * interval '7 hours', ${parent} from generate_series(1, ${rows}) n`,
  ]
}
