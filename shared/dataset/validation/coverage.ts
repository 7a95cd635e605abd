import type { SqlParser } from '../../platform/sql-parser.ts'
import { type Catalog, displayName, type ForeignKey, type Relation } from '../catalog/catalog.ts'
import { type Resolution, resolveNames } from './resolve.ts'

export interface Coverage {
  readonly covered: number
  readonly total: number
  readonly missing: readonly { readonly name: string; readonly reason: string }[]
}

export interface DatasetCoverage {
  /** Base tables; a partition counts as its parent. */
  readonly tables: Coverage
  readonly views: Coverage
  /** Columns of base tables that a statement names; `*` names none. */
  readonly columns: Coverage
  /** Foreign keys whose columns, all of them, one statement compares. */
  readonly foreignKeys: Coverage
}

/** Why something can't be covered, by display name (`orders`, `orders.note`, a key's `orders(customer_id) -> customers(id)`). */
export type CoverageReasons = ReadonlyMap<string, string>

/** Measures what the statements reach, from their parse trees. They must have parsed before. */
export async function measureCoverage(
  parser: SqlParser,
  catalog: Catalog,
  statements: readonly string[],
  reasons: CoverageReasons = new Map(),
): Promise<DatasetCoverage> {
  const reached = new Set<string>()
  for (const sql of statements) {
    const names = resolveNames(await parser.parse(sql), catalog, true)
    for (const { relation } of names.tables) if (relation !== null) reached.add(displayName(relation))
    for (const use of names.columns) {
      for (const { relation, column } of use.base) reached.add(columnName(relation, column.name))
    }
    for (const key of joinedKeys(names, catalog)) reached.add(foreignKeyName(key))
  }
  const isView = (relation: Relation) => relation.kind === 'view' || relation.kind === 'materialized_view'
  const tables = catalog.relations.filter((relation) => !isView(relation))
  const columns = tables.flatMap((table) => table.columns.map((column) => columnName(table, column.name)))
  const unread = catalog.relations.filter((relation) => !relation.populated)
  const known = new Map([...unread.map((relation) => [displayName(relation), 'never_refreshed'] as const), ...reasons])
  return {
    tables: coverageOf(tables.map(displayName), reached, known),
    views: coverageOf(catalog.relations.filter(isView).map(displayName), reached, known),
    columns: coverageOf(columns, reached, known),
    foreignKeys: coverageOf(catalog.foreignKeys.map(foreignKeyName), reached, known),
  }
}

/** The keys whose columns, all of them, a statement compares. */
export function joinedKeys(names: Resolution, catalog: Catalog): readonly ForeignKey[] {
  if (names.equalities.length === 0) return []
  const equal = new Set(names.equalities.flatMap(([one, other]) => [pairName(one, other), pairName(other, one)]))
  return catalog.foreignKeys.filter((key) => isJoined(key, equal))
}

/** How the report names a key: `orders(customer_id) -> customers(id)`. */
export function foreignKeyName(key: ForeignKey): string {
  return `${displayName(key.from)}(${key.fromColumns.join(', ')}) -> ${displayName(key.to)}(${key.toColumns.join(', ')})`
}

function coverageOf(names: readonly string[], reached: ReadonlySet<string>, reasons: CoverageReasons): Coverage {
  const missing = names.filter((name) => !reached.has(name))
  return {
    covered: names.length - missing.length,
    total: names.length,
    missing: missing.map((name) => ({ name, reason: reasons.get(name) ?? 'not_used' })),
  }
}

function isJoined(key: ForeignKey, equal: ReadonlySet<string>): boolean {
  return key.fromColumns.every((column, index) =>
    equal.has(`${columnName(key.from, column)}=${columnName(key.to, key.toColumns[index] ?? '')}`),
  )
}

interface Endpoint {
  readonly relation: Relation
  readonly column: { readonly name: string }
}

function pairName(one: Endpoint, other: Endpoint): string {
  return `${columnName(one.relation, one.column.name)}=${columnName(other.relation, other.column.name)}`
}

/** How the report names a column: `orders.note`. */
export function columnName(relation: Parameters<typeof displayName>[0], column: string): string {
  return `${displayName(relation)}.${column}`
}
