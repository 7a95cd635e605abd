import type { Queryable } from '../../platform/store.ts'
import type { DomainType, EnumType, Prerequisite, RelationName } from './catalog.ts'
import { compareNames } from './compare-names.ts'
import type { Listed } from './foreign-keys.ts'
import {
  type CollationRow,
  collationDdl,
  extensionDdl,
  type RoutineRow,
  routineDdl,
  type SequenceObjectRow,
  sequenceDdl,
  type TypeRow,
  typeDdl,
} from './prerequisite-ddl.ts'
import { COLLATIONS, DEPENDENCIES, EXTENSIONS, ROUTINES, SEQUENCES, TYPES } from './prerequisite-store.ts'

export interface Prerequisites {
  readonly enums: readonly EnumType[]
  readonly domains: readonly DomainType[]
  readonly prerequisites: readonly Prerequisite[]
}

type Draft = Omit<Prerequisite, 'neededBy'>
type Arrows = ReadonlyMap<string, readonly string[]>

/**
 * What relations need to exist before them, found through `pg_depend`.
 * @param ancestors the listed root of each oid
 * @param homes relations that also bring the types of their schema that no relation uses
 */
export async function readPrerequisites(
  tx: Queryable,
  ancestors: ReadonlyMap<string, string>,
  listed: ReadonlyMap<string, Listed>,
  homes: readonly string[] = [],
): Promise<Prerequisites> {
  const read = async <Row>(statement: string, oids: readonly string[]) => (await tx.query<Row>(statement, [oids])).rows
  const found = await tx.query<{ needing: string; needed: string }>(DEPENDENCIES, [[...ancestors.keys()], homes])
  const arrows = arrowsFrom(found.rows)
  const objects = new Set([...arrows.values()].flat().filter((key) => !isExtensionMember(key, arrows)))
  const oidsOf = (type: string) =>
    [...objects].filter((key) => key.startsWith(`${type}/`)).map((key) => key.slice(type.length + 1))
  const types = await read<TypeRow>(TYPES, oidsOf('pg_type'))
  const routines = await read<RoutineRow>(ROUTINES, oidsOf('pg_proc'))
  const sequences = await read<SequenceObjectRow>(SEQUENCES, oidsOf('pg_class'))
  const collations = await read<CollationRow>(COLLATIONS, oidsOf('pg_collation'))
  const extensions = await read<TypeRow>(EXTENSIONS, oidsOf('pg_extension'))
  const drafts = new Map<string, Draft>([
    ...extensions.map((row): [string, Draft] => [row.key, draft(row, extensionDdl(row))]),
    ...collations.map((row): [string, Draft] => [row.key, draft(row, collationDdl(row))]),
    ...types.map((row): [string, Draft] => [row.key, draft(row, typeDdl(row))]),
    ...routines.map((row): [string, Draft] => [row.key, draft(row, routineDdl(row))]),
    ...sequences.map((row): [string, Draft] => [row.key, { ...draft(row, sequenceDdl(row)), ...ownerOf(row, listed) }]),
  ])
  return {
    enums: types
      .filter((row) => row.kind === 'e')
      .map(enumFrom)
      .sort(byName),
    domains: types
      .filter((row) => row.kind === 'd')
      .map(domainFrom)
      .sort(byName),
    prerequisites: inOrder(drafts, arrows, ancestors, listed),
  }
}

function draft({ schema, name }: RelationName, ddl: string): Draft {
  return { schema, name, ddl }
}

function ownerOf(row: SequenceObjectRow, listed: ReadonlyMap<string, Listed>): Pick<Draft, 'ownedBy'> {
  const owner = row.owner === null ? undefined : listed.get(row.owner)
  if (owner === undefined || row.owner_column === null) return {}
  const { schema, name } = owner.partition ?? owner.relation
  return { ownedBy: { relation: { schema, name }, column: row.owner_column } }
}

function arrowsFrom(rows: readonly { needing: string; needed: string }[]): Arrows {
  const arrows = new Map<string, string[]>()
  for (const { needing, needed } of rows) {
    const known = arrows.get(needing)
    if (known === undefined) arrows.set(needing, [needed])
    else known.push(needed)
  }
  return arrows
}

function isExtensionMember(key: string, arrows: Arrows): boolean {
  return (arrows.get(key) ?? []).some((needed) => needed.startsWith('pg_extension/'))
}

/** Walks down from every relation, deepest first; where two ways are possible the order of names decides. */
function inOrder(
  drafts: ReadonlyMap<string, Draft>,
  arrows: Arrows,
  ancestors: ReadonlyMap<string, string>,
  listed: ReadonlyMap<string, Listed>,
): Prerequisite[] {
  const rank = (key: string): string => {
    const found = drafts.get(key)
    return found === undefined ? '' : `${key.split('/')[0]} ${found.schema}.${found.name} ${found.ddl}`
  }
  const sorted = new Map([...arrows].map(([key, needed]) => [key, sortedBy(needed, rank)]))
  const needers = new Map<string, Map<string, RelationName>>()
  const created: string[] = []
  const seen = new Set<string>()
  for (const [oid, root] of ancestors) {
    const relation = listed.get(root)?.relation
    if (relation === undefined) continue
    for (const key of below(`pg_class/${oid}`, sorted)) {
      if (!drafts.has(key)) continue
      const known = needers.get(key) ?? new Map<string, RelationName>()
      needers.set(key, known.set(root, { schema: relation.schema, name: relation.name }))
      if (!seen.has(key)) created.push(key)
      seen.add(key)
    }
  }
  return created.flatMap((key) => {
    const found = drafts.get(key)
    const neededBy = [...(needers.get(key)?.values() ?? [])].sort(byName)
    return found === undefined ? [] : [{ ...found, neededBy }]
  })
}

/** Everything below a node, each after what it needs. An extension's member stands for the extension alone. */
function below(start: string, arrows: Arrows): string[] {
  const order: string[] = []
  const seen = new Set<string>([start])
  const visit = (key: string): void => {
    const member = isExtensionMember(key, arrows)
    for (const needed of arrows.get(key) ?? []) {
      if (seen.has(needed) || (member && !needed.startsWith('pg_extension/'))) continue
      seen.add(needed)
      visit(needed)
      order.push(needed)
    }
  }
  visit(start)
  return order
}

function sortedBy(keys: readonly string[], rank: (key: string) => string): string[] {
  return keys.toSorted((one, other) => compareNames(rank(one), rank(other)))
}

function enumFrom(row: TypeRow): EnumType {
  return { schema: row.schema, name: row.name, labels: row.labels ?? [], comment: row.comment }
}

function domainFrom(row: TypeRow): DomainType {
  const checks = row.checks.map((check) => ({ ...check, columns: [] }))
  const { schema, name, base: type, not_null: notNull, default_text, comment } = row
  return { schema, name, type, notNull, default: default_text, checks, comment }
}

function byName(one: RelationName, other: RelationName): number {
  return compareNames(one.schema, other.schema) || compareNames(one.name, other.name)
}
