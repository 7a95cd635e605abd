import { type Catalog, type Column, type Relation, type RelationName, sameRelation } from '../catalog/catalog.ts'
import { compareNames } from '../catalog/compare-names.ts'
import { quoteIdentifier, quoteRelation } from '../catalog/quote.ts'
import { fileNameOf } from './file-name.ts'

/** How a table takes its parents' columns: while it is created, by an `alter table` afterwards, or it has no parents. */
export type Descent = 'created' | 'altered' | null

/**
 * A table that is created from its parents has their columns first; one whose columns came in another order, or whose
 * parents are not all listed, keeps its order, and all columns become its own.
 */
export function descentOf(catalog: Catalog, relation: Relation): Descent {
  if (relation.inherits === undefined) return null
  const parents = parentsOf(catalog, relation)
  const merged = [...new Set(parents.flatMap(({ columns }) => columns.map(({ name }) => name)))]
  const others = relation.columns.map(({ name }) => name).filter((name) => !merged.includes(name))
  const inOrder = [...merged, ...others].every((name, place) => relation.columns[place]?.name === name)
  const anyInherited = [...relation.columns, ...relation.checks].some((one) => one.inherited === true)
  const known = relation.columns.every(({ name, inherited }) => inherited !== true || merged.includes(name))
  return inOrder && known && anyInherited ? 'created' : 'altered'
}

/** `inherits (parent, other)`, or nothing. */
export function inheritsClause(catalog: Catalog, relation: Relation): string {
  if (descentOf(catalog, relation) !== 'created') return ''
  return ` inherits (${(relation.inherits ?? []).map(quoteRelation).join(', ')})`
}

/** What a table created from its parents changes of what it has from them. */
export function changesOfInherited(catalog: Catalog, relation: Relation): string[] {
  if (descentOf(catalog, relation) !== 'created') return []
  const parents = parentsOf(catalog, relation)
  return relation.columns.flatMap((column) => {
    const theirs = parents.flatMap(({ columns }) => columns.filter(({ name }) => name === column.name))
    const [first] = theirs
    if (first === undefined || column.generated !== null || column.identity !== null) return []
    const change = (what: string) =>
      `alter table ${quoteRelation(relation)} alter column ${quoteIdentifier(column.name)} ${what}`
    const given = defaultGiven(column, theirs)
    const own =
      given === column.default
        ? []
        : [change(column.default === null ? 'drop default' : `set default ${column.default}`)]
    const isNullable = column.inherited === true && theirs.every(({ notNull }) => !notNull)
    return [...own, ...(isNullable && column.notNull ? [change('set not null')] : [])]
  })
}

/** Tables that become children by `alter table`: in the last of their files, so that none waits for another. */
export function laterDescents(catalog: Catalog, relation: Relation): string[] {
  return catalog.relations
    .filter((child) => descentOf(catalog, child) === 'altered')
    .filter((child) => sameRelation(lastOf(catalog, [child, ...(child.inherits ?? [])]), relation))
    .flatMap((child) =>
      (child.inherits ?? []).map((parent) => `alter table ${quoteRelation(child)} inherit ${quoteRelation(parent)}`),
    )
}

/** The table in whose file a check that was never proved is declared: once all who have it from this one are there. */
export function lastToInherit(catalog: Catalog, relation: RelationName): RelationName {
  const family: RelationName[] = [relation]
  for (const one of family) {
    const isChild = ({ inherits = [] }: Relation) => inherits.some((parent) => sameRelation(parent, one))
    family.push(...catalog.relations.filter((child) => isChild(child) && descentOf(catalog, child) === 'created'))
  }
  return lastOf(catalog, family)
}

function lastOf(catalog: Catalog, names: readonly RelationName[]): RelationName {
  return names.reduce((last, one) => (isLater(catalog, one, last) ? one : last))
}

/** Whether a relation's file is run to its end later than another's: files that wait for a parent are run again. */
export function isLater(catalog: Catalog, one: RelationName, other: RelationName): boolean {
  const rounds = roundOf(catalog, one) - roundOf(catalog, other)
  return rounds === 0 ? compareNames(fileOf(catalog, one), fileOf(catalog, other)) > 0 : rounds > 0
}

/** In which walk through all files, in the order of their names, its own succeeds. */
function roundOf(catalog: Catalog, name: RelationName): number {
  const relation = catalog.relations.find((one) => sameRelation(one, name))
  if (relation === undefined || descentOf(catalog, relation) !== 'created') return 0
  const rounds = (relation.inherits ?? []).map((parent) => {
    const waits = compareNames(fileOf(catalog, parent), fileOf(catalog, relation)) > 0
    return roundOf(catalog, parent) + (waits ? 1 : 0)
  })
  return Math.max(0, ...rounds)
}

function fileOf(catalog: Catalog, name: RelationName): string {
  return fileNameOf(name, '.ddl', catalog.relations)
}

/** The default that a column has when its table is created: its own where it declares one, else that of its parents. */
function defaultGiven(column: Column, theirs: readonly Column[]): string | null {
  if (column.inherited !== true && column.default !== null) return column.default
  return theirs.find((one) => one.default !== null)?.default ?? null
}

function parentsOf(catalog: Catalog, relation: Relation): Relation[] {
  const names = relation.inherits ?? []
  return names.flatMap((name) => catalog.relations.filter((one) => sameRelation(one, name)))
}
