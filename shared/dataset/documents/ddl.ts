import {
  type Catalog,
  type Column,
  type ForeignKey,
  type Partition,
  type Relation,
  sameRelation,
} from '../catalog/catalog.ts'
import { compareNames } from '../catalog/compare-names.ts'
import { schemaDdl } from '../catalog/prerequisite-ddl.ts'
import { constraintCommentDdl, quoteColumns, quoteIdentifier, quoteLiteral, quoteRelation } from '../catalog/quote.ts'
import { fileNameOf } from './file-name.ts'
import {
  changesOfInherited,
  descentOf,
  inheritsClause,
  isLater,
  lastToInherit,
  laterDescents,
} from './inheritance-ddl.ts'

/**
 * The DDL of one relation, with everything it needs that may exist already guarded. Run in order of their names, the
 * files of a catalog recreate its tables: a foreign key stands in the later of its two files. Views may sort before
 * what they read, and tables before those that they inherit from, so files that fail are to be run again after the
 * others.
 */
export function renderDdl(catalog: Catalog, relation: Relation): string {
  const needed = catalog.prerequisites.filter((one) => one.neededBy.some((by) => sameRelation(by, relation)))
  const owned = needed.filter((one) => one.ownedBy !== undefined && sameRelation(one.ownedBy.relation, relation))
  const schemas = new Set([relation, ...everyPartition(relation.partitions)].map(schemaDdl))
  const isView = relation.kind === 'view' || relation.kind === 'materialized_view'
  const blocks = [
    [...schemas].join('').trim(),
    ...needed.map((one) => one.ddl),
    isView ? viewDdl(relation) : tableDdl(catalog, relation),
    statements(changesOfInherited(catalog, relation)),
    statements(relation.partitions.flatMap((partition) => partitionDdl(relation, partition))),
    statements(relation.indexes),
    statements(everyPartition(relation.partitions).flatMap((partition) => partition.extraDdl)),
    statements(
      owned.map(
        (one) =>
          `alter sequence ${quoteRelation(one)} owned by ${quoteRelation(relation)}.${quoteIdentifier(one.ownedBy?.column ?? '')}`,
      ),
    ),
    statements(laterDescents(catalog, relation)),
    statements(laterConstraints(catalog, relation)),
    statements(commentsOf(catalog, relation)),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

/** Orders relations as their DDL files are to be run. */
export function inFileOrder(catalog: Catalog): Relation[] {
  const names = new Map(catalog.relations.map((one) => [one, fileNameOf(one, '.ddl', catalog.relations)]))
  return catalog.relations.toSorted((one, other) => compareNames(names.get(one) ?? '', names.get(other) ?? ''))
}

function tableDdl(catalog: Catalog, relation: Relation): string {
  const constraints = [relation.primaryKey, ...relation.uniques, ...relation.exclusions, ...relation.checks]
  const declared = declaredKeys(catalog)
  const own = declared.filter((key) => sameRelation(key.from, relation) && key.onPartitions === undefined)
  const body = [
    ...relation.columns.filter((column) => isDeclaredHere(catalog, relation, column)).map(columnDdl),
    ...constraints.flatMap((one) =>
      one === null || isUnproven(one) || !isDeclaredHere(catalog, relation, one) ? [] : [constraintDdl(one)],
    ),
    ...own.filter((key) => isInline(catalog, key)).map(constraintDdl),
  ]
  const elsewhere = declared.filter((key) => sameRelation(key.from, relation) && !standsWithSource(catalog, key))
  const notes = elsewhere.map((key) => {
    const target = `${quoteRelation(key.to)} ${quoteColumns(key.toColumns)}`
    const file = fileNameOf(key.to, '.ddl', catalog.relations)
    return `  -- foreign key ${quoteColumns(key.fromColumns)} references ${target}: declared in ${file}`
  })
  const foreign = relation.kind === 'foreign' ? '-- a foreign table, declared here as a plain one\n' : ''
  const partitioning = relation.partitionKey === null ? '' : ` partition by ${relation.partitionKey}`
  const lines = [body.map((line) => `  ${line}`).join(',\n'), ...notes].filter((line) => line !== '')
  const inner = lines.length === 0 ? '()' : `(\n${lines.join('\n')}\n)`
  const unlogged = relation.unlogged === true ? 'unlogged ' : ''
  const inherits = inheritsClause(catalog, relation)
  return `${foreign}create ${unlogged}table ${quoteRelation(relation)} ${inner}${inherits}${partitioning}${optionsDdl(relation)};`
}

function isDeclaredHere(catalog: Catalog, relation: Relation, { inherited }: { readonly inherited?: true }): boolean {
  return inherited !== true || descentOf(catalog, relation) !== 'created'
}

function columnDdl(column: Column): string {
  const parts = [quoteIdentifier(column.name), column.type]
  if (column.collation !== undefined) parts.push(`collate ${column.collation}`)
  if (column.identity !== null) {
    const options = column.identityOptions === undefined ? '' : ` (${column.identityOptions})`
    parts.push(`generated ${column.identity} as identity${options}`)
  }
  if (column.generated !== null) {
    parts.push(`generated always as (${column.generated}) ${column.generatedVirtually ? 'virtual' : 'stored'}`)
  }
  if (column.default !== null) parts.push(`default ${column.default}`)
  if (column.notNull) parts.push('not null')
  return parts.join(' ')
}

function viewDdl(relation: Relation): string {
  const name = quoteRelation(relation)
  const definition = relation.definition ?? 'select'
  if (relation.kind === 'view') {
    const defaults = relation.columns.flatMap((column) =>
      column.default === null
        ? []
        : [`alter view ${name} alter column ${quoteIdentifier(column.name)} set default ${column.default}`],
    )
    return statements([`create view ${name}${optionsDdl(relation)} as\n${definition}`, ...defaults])
  }
  const data = relation.populated ? 'with data' : 'with no data'
  return `create materialized view ${name}${optionsDdl(relation)} as\n${definition}\n${data};`
}

function partitionDdl(parent: Relation | Partition, partition: Partition): string[] {
  const key = partition.partitionKey === null ? '' : ` partition by ${partition.partitionKey}`
  return [
    `create table ${quoteRelation(partition)} partition of ${quoteRelation(parent)} ${partition.bound}${key}${optionsDdl(partition)}`,
    ...partition.partitions.flatMap((below) => partitionDdl(partition, below)),
  ]
}

/** Constraints that can't stand in `create table`: unproven ones, those of partitions, and those of earlier files. */
function laterConstraints(catalog: Catalog, relation: Relation): string[] {
  const unproven = catalog.relations.flatMap((one) => {
    const checks = one.checks.filter((check) => isUnproven(check) && isDeclaredHere(catalog, one, check))
    if (checks.length === 0 || !sameRelation(lastToInherit(catalog, one), relation)) return []
    return checks.map((check) => `alter table ${quoteRelation(one)} add ${constraintDdl(check)}`)
  })
  const foreign = declaredKeys(catalog).filter((key) => {
    if (!sameRelation(key.from, relation) && !sameRelation(key.to, relation)) return false
    return sameRelation(standsWithSource(catalog, key) ? key.from : key.to, relation) && !isInline(catalog, key)
  })
  return [...unproven, ...foreign.flatMap(foreignKeyDdl)]
}

/** Keys that the database enforces: inferred ones would make the copy refuse what the original holds. */
function declaredKeys(catalog: Catalog): readonly ForeignKey[] {
  return catalog.foreignKeys.filter((key) => key.inferred !== true)
}

function foreignKeyDdl(key: ForeignKey): string[] {
  if (key.onPartitions === undefined) {
    return [`alter table ${quoteRelation(key.from)} add ${constraintDdl(key)}`, ...constraintCommentDdl(key.from, key)]
  }
  return key.onPartitions.map(
    (one) =>
      `alter table ${quoteRelation(one)} add ${constraintDdl({ name: one.constraint, definition: one.definition })}`,
  )
}

function standsWithSource(catalog: Catalog, key: ForeignKey): boolean {
  return !isLater(catalog, key.to, key.from)
}

/** A key can be part of `create table` when its target is complete by then: not if it leans on a mere unique index. */
function isInline(catalog: Catalog, key: ForeignKey): boolean {
  if (key.onPartitions !== undefined || isUnproven(key) || !standsWithSource(catalog, key)) return false
  if (!sameRelation(key.from, key.to)) return true
  const relation = catalog.relations.find((one) => sameRelation(one, key.to))
  const wanted = key.toColumns.toSorted(compareNames).join('\n')
  const keys = [relation?.primaryKey, ...(relation?.uniques ?? [])]
  return keys.some((one) => one?.columns.toSorted(compareNames).join('\n') === wanted)
}

function isUnproven({ definition }: { readonly definition: string }): boolean {
  return definition.endsWith(' NOT VALID')
}

function constraintDdl({ name, definition }: { readonly name: string; readonly definition: string }): string {
  return `constraint ${quoteIdentifier(name)} ${definition}`
}

function optionsDdl({ options }: Pick<Relation, 'options'>): string {
  return options === undefined ? '' : ` with (${options.join(', ')})`
}

function commentsOf(catalog: Catalog, relation: Relation): string[] {
  const kind = {
    view: 'view',
    materialized_view: 'materialized view',
    table: 'table',
    partitioned: 'table',
    foreign: 'table',
  }
  const name = quoteRelation(relation)
  const own =
    relation.comment === null ? [] : [`comment on ${kind[relation.kind]} ${name} is ${quoteLiteral(relation.comment)}`]
  const columns = relation.columns.flatMap((column) =>
    column.comment === null
      ? []
      : [`comment on column ${name}.${quoteIdentifier(column.name)} is ${quoteLiteral(column.comment)}`],
  )
  const inline = declaredKeys(catalog).filter((key) => sameRelation(key.from, relation) && isInline(catalog, key))
  const constraints = [relation.primaryKey, ...relation.uniques, ...relation.exclusions, ...relation.checks, ...inline]
  return [
    ...own,
    ...columns,
    ...constraints.flatMap((one) => (one === null ? [] : constraintCommentDdl(relation, one))),
    ...(relation.otherComments ?? []),
  ]
}

function everyPartition(partitions: readonly Partition[]): Partition[] {
  return partitions.flatMap((partition) => [partition, ...everyPartition(partition.partitions)])
}

function statements(texts: readonly string[]): string {
  return texts.map((text) => `${text};`).join('\n')
}
