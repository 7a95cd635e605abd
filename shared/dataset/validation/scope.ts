import type { Catalog, Column, Relation } from '../catalog/catalog.ts'
import { nodeIf, textsOf } from './tree.ts'

export interface BaseColumn {
  readonly relation: Relation
  readonly column: Column
}

/** A table named in a FROM. */
export interface TableUse {
  /** Byte offset of its name. */
  readonly location: number
  readonly schema: string | null
  readonly name: string
  readonly alias: string | null
  /** Null when the catalog has no such table. */
  readonly relation: Relation | null
}

/** What a name before a dot can mean. */
export interface ScopeEntry {
  readonly name: string
  readonly table: TableUse | null
  /** Columns by name, with the base column behind each; null when they are unknown (a function, a misspelt table). */
  readonly columns: ReadonlyMap<string, BaseColumn | null> | null
}

export interface Scope {
  readonly entries: ScopeEntry[]
  readonly parent: Scope | null
  /** Columns merged by USING or NATURAL. */
  readonly merged: Set<string>
}

/** Columns of a result by name, with the base column behind each; null when they are unknown. */
export type Outputs = ReadonlyMap<string, BaseColumn | null> | null

export interface Found {
  /** Entries of the nearest scope that have it; several make it ambiguous, unless it is merged. */
  readonly owners: readonly ScopeEntry[]
  /** False when nothing in reach can have this column. */
  readonly known: boolean
  readonly base: readonly BaseColumn[]
}

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax'])

/** The relation that a name means; a partition stands for its parent. */
export function findRelation(
  catalog: Catalog,
  schema: string | null,
  name: string,
  anySchema: boolean,
): Relation | null {
  const named = catalog.relations.filter((relation) => relation.name === name || hasPartition(relation, name))
  const exact = named.find((relation) => relation.schema === (schema ?? 'public'))
  if (exact !== undefined) return exact
  return schema === null && anySchema && named.length === 1 ? (named[0] ?? null) : null
}

/** Entries of a scope and of those around it, nearest first. */
export function reachable(scope: Scope | null): ScopeEntry[] {
  return scope === null ? [] : [...scope.entries, ...reachable(scope.parent)]
}

/** What a column name means, from the inside out. */
export function lookUp(scope: Scope | null, qualifier: string | null, name: string): Found {
  if (scope === null) return { owners: [], known: SYSTEM_COLUMNS.has(name), base: [] }
  const entries = scope.entries.filter((entry) => qualifier === null || entry.name === qualifier)
  const owners = entries.filter((entry) => entry.columns?.has(name) === true)
  if (owners.length > 0) {
    const ambiguous = owners.length > 1 && !scope.merged.has(name)
    return { owners, known: true, base: ambiguous ? [] : owners.flatMap((entry) => entry.columns?.get(name) ?? []) }
  }
  const wholeRow = qualifier === null && scope.entries.some((entry) => entry.name === name)
  if (wholeRow || entries.some((entry) => entry.columns === null)) return { owners: [], known: true, base: [] }
  if (qualifier !== null && entries.length > 0 && !SYSTEM_COLUMNS.has(name))
    return { owners: [], known: false, base: [] }
  return lookUp(scope.parent, qualifier, name)
}

/** The base column that a value is, when it is a plain column. */
export function baseOf(value: unknown, scope: Scope): BaseColumn | null {
  const column = nodeIf(value, 'ColumnRef')
  if (column === null) return null
  const fields = textsOf(column.fields)
  return lookUp(scope, fields.at(-2) ?? null, fields.at(-1) ?? '').base[0] ?? null
}

/** Columns under the names of an alias: `t(a, b)`. */
export function renamed(columns: Outputs, names: readonly string[]): Outputs {
  if (names.length === 0) return columns
  const bases = [...(columns?.values() ?? [])]
  const rest = [...(columns ?? new Map<string, BaseColumn | null>())].slice(names.length)
  return new Map([...names.map((name, index) => [name, bases[index] ?? null] as const), ...rest])
}

/** What NATURAL joins. */
export function commonColumns(left: readonly ScopeEntry[], right: readonly ScopeEntry[]): string[] {
  const names = new Set(left.flatMap((entry) => [...(entry.columns?.keys() ?? [])]))
  return right.flatMap((entry) => [...(entry.columns?.keys() ?? [])].filter((name) => names.has(name)))
}

function hasPartition(relation: Pick<Relation, 'partitions'>, name: string): boolean {
  return relation.partitions.some(
    (partition) => partition.name === name || partition.partitions.some((sub) => sub.name === name),
  )
}
