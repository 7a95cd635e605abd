import type { Column, Relation } from './catalog.ts'
import { quoteIdentifier, quoteRelation } from './quote.ts'

/** How much a column's type lets us find out about its values. */
export type ProfileMode = 'ordered' | 'text' | 'opaque'

// Types with an order that means something to a person, and with min and max in every version.
const ORDERED: ReadonlySet<string> = new Set(
  'int2 int4 int8 numeric float4 float8 money oid date timestamp timestamptz time timetz interval'.split(' '),
)
// Values that say nothing in a list: documents, pictures, shapes, search vectors, embeddings.
const OPAQUE: ReadonlySet<string> = new Set(
  `json jsonb xml bytea tsvector tsquery point line lseg box path polygon circle vector halfvec sparsevec geometry
  geography hstore jsonpath pg_lsn txid_snapshot pg_snapshot`.split(/\s+/),
)

const VALUES_MAX = 60
const VALUE_LENGTH_MAX = 200 // longer ones are prose: neither a list nor a question needs them

export function profileMode(column: Column): ProfileMode {
  if (OPAQUE.has(column.baseType)) return 'opaque'
  return ORDERED.has(column.baseType) && !column.isArray ? 'ordered' : 'text'
}

/** Counts rows, but no further than `$1`. */
export function countSql(relation: Relation): string {
  return `
  select count(*)::int as rows
    from (select 1 from ${quoteRelation(relation)} limit $1) counted`
}

/** Where the sample comes from. A share below 1 picks whole pages, the same ones as long as the table stays as it is. */
export function sampleSource(relation: Relation, share: number): string {
  const name = quoteRelation(relation)
  const canSkip = relation.kind === 'table' || relation.kind === 'partitioned' || relation.kind === 'materialized_view'
  if (share >= 1 || !canSkip) return name
  return `${name} tablesample system (${Math.max(share * 100, 0.0001).toFixed(4)}) repeatable (0)`
}

/**
 * Profiles some columns in one statement: the sample is read once and kept, each column is grouped on its own.
 * Answers a row a column (its place in `columns`). `$1`: rows of the sample.
 */
export function profileSql(source: string, columns: readonly Column[]): string {
  const kept = columns.map((column, place) => `${keptValue(column)} as c${place}`)
  return `
  with sample as materialized (
    select ${kept.join(',\n           ')}
      from ${source}
     limit $1
  ), total as (
    select count(*)::int as rows from sample
  )
  select *
    from (${columns.map((column, place) => columnSql(column, place)).join('\n  union all\n  ')}) profiled
   order by place`
}

function keptValue(column: Column): string {
  const name = quoteIdentifier(column.name)
  const mode = profileMode(column)
  if (mode === 'ordered') return name
  // Not every type can be compared, but every value has a text. Opaque ones are told apart by a hash of it.
  return mode === 'text' ? `${name}::text collate "C"` : `md5(${name}::text)`
}

function columnSql(column: Column, place: number): string {
  const mode = profileMode(column)
  const range = mode === 'ordered' ? 'min(value)::text, max(value)::text' : 'null::text, null::text'
  const length = mode === 'text' ? 'sum(length(value) * uses)::float8 / nullif(sum(uses), 0)' : '0::float8'
  const short = mode === 'text' ? `where length(value) <= ${VALUE_LENGTH_MAX}` : ''
  const values =
    mode === 'opaque'
      ? 'null::json'
      : `(select json_agg(json_build_array(word, uses) order by uses desc, word collate "C")
            from (select value::text as word, uses from grouped ${short}
                   order by uses desc, value::text collate "C" limit ${VALUES_MAX}) top)`
  return `(with grouped as (select c${place} as value, count(*) as uses from sample where c${place} is not null group by 1)
   select ${place} as place, (select rows from total) as rows, coalesce(sum(uses), 0)::int as filled, count(*)::int as different,
          ${range.replace(', ', ' as min, ')} as max, coalesce(${length}, 0) as length, ${values} as words
     from grouped)`
}
