import { type Catalog, displayName, sameRelation } from '../catalog/catalog.ts'
import { CORE_FEATURES, type Feature } from '../questions/features.ts'
import type { RelationFacts } from './quality-data.ts'

/** Features that the report asks of a database: the forty, and operators of types that only some databases have. */
export const ASKED_FEATURES: readonly Feature[] = [...CORE_FEATURES, 'array_operator', 'json_operator', 'text_search']

type Need = 'rows' | 'number' | 'date' | 'text' | 'key' | 'two_keys' | 'self_key' | 'array' | 'json' | 'search'

const NEEDS: Readonly<Partial<Record<Feature, Need>>> = {
  sum: 'number',
  avg: 'number',
  running_sum: 'number',
  percentile_cont: 'number',
  date_trunc: 'date',
  extract: 'date',
  interval: 'date',
  ilike: 'text',
  regex: 'text',
  string_agg: 'text',
  left_join: 'key',
  anti_join: 'key',
  not_exists: 'key',
  correlated_subquery: 'key',
  lateral: 'key',
  join_3: 'two_keys',
  self_join: 'self_key',
  recursive_cte: 'self_key',
  array_operator: 'array',
  json_operator: 'json',
  text_search: 'search',
}

/** Why the schema has no place for a feature, by feature: `no_number_column`, `no_self_key`. */
export function impossibleFeatures(
  catalog: Catalog,
  facts: ReadonlyMap<string, RelationFacts>,
): ReadonlyMap<Feature, string> {
  const filled = catalog.relations.filter((relation) => (facts.get(displayName(relation))?.rows ?? 1) > 0)
  const columns = filled.flatMap((relation) =>
    relation.columns.filter((column) => facts.get(displayName(relation))?.allNull.includes(column.name) !== true),
  )
  const keys = catalog.foreignKeys.filter((key) =>
    [key.from, key.to].every((end) => filled.some((relation) => sameRelation(relation, end))),
  )
  const has: Readonly<Record<Need, boolean>> = {
    rows: filled.length > 0,
    number: columns.some(({ category, isArray }) => category === 'N' && !isArray),
    date: columns.some(({ baseType }) => /^(?:date|timestamp|timestamptz)$/.test(baseType)),
    text: columns.some(({ category, isArray }) => category === 'S' && !isArray),
    key: keys.length > 0,
    two_keys: keys.length > 1,
    self_key: keys.some((key) => sameRelation(key.from, key.to)),
    array: columns.some(({ isArray }) => isArray),
    json: columns.some(({ baseType }) => baseType === 'json' || baseType === 'jsonb'),
    search: columns.some(({ baseType }) => baseType === 'tsvector'),
  }
  const reason: Readonly<Record<Need, string>> = {
    rows: 'no_rows',
    number: 'no_number_column',
    date: 'no_date_column',
    text: 'no_text_column',
    key: 'no_foreign_key',
    two_keys: 'no_two_foreign_keys',
    self_key: 'no_self_key',
    array: 'no_array_column',
    json: 'no_json_column',
    search: 'no_search_column',
  }
  const impossible = new Map<Feature, string>()
  for (const feature of ASKED_FEATURES) {
    const need = has.rows ? (NEEDS[feature] ?? 'rows') : 'rows'
    if (!has[need]) impossible.set(feature, reason[need])
  }
  return impossible
}
