import type { Source } from '../../platform/source.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Catalog, Column, Constraint, Partition, Relation, RelationName } from './catalog.ts'
import {
  byRelation,
  type ColumnRow,
  type ConstraintRow,
  type IndexRow,
  type PartitionExtraRow,
  type RelationRow,
  type ViewRow,
} from './catalog-rows.ts'
import { compareNames } from './compare-names.ts'
import { foreignKeysFrom, type Listed } from './foreign-keys.ts'
import { inferForeignKeys } from './inferred-keys.ts'
import { readPrerequisites } from './prerequisites.ts'
import { constraintCommentDdl, quoteIdentifier, quoteLiteral, quoteRelation } from './quote.ts'
import { matchTables } from './relation-names.ts'
import { sequenceOptions } from './sequence-options.ts'
import { COLUMNS, CONSTRAINTS, FIX_NAMES, INDEXES, PARTITION_EXTRAS, RELATIONS, VIEWS } from './store.ts'

export interface CatalogOptions {
  /** Names as in `matchTables`; only these, and the keys among them. Unknown names are left out. */
  readonly tables?: readonly string[]
  /** Also looks for keys that nobody declared: a few more statements, which read data. */
  readonly inferKeys?: boolean
}

/** Reads what the source's role may read, in a dozen statements however many tables there are, from one snapshot. */
export async function readCatalog(source: Source, options: CatalogOptions = {}): Promise<Catalog> {
  const catalog = await readDeclared(source, options)
  if (options.inferKeys !== true) return catalog
  const inferred = await inferForeignKeys(source, catalog.relations, catalog.foreignKeys)
  return { ...catalog, foreignKeys: [...catalog.foreignKeys, ...inferred] }
}

async function readDeclared(source: Source, options: CatalogOptions): Promise<Catalog> {
  return await source.readOnly(async (tx) => {
    const about = (await tx.query<{ version: number }>(FIX_NAMES)).rows[0]
    const all = (await tx.query<RelationRow>(RELATIONS)).rows
    const roots = all.filter((row) => row.parent === null)
    const wanted = options.tables === undefined ? roots : matchTables({ relations: roots }, options.tables).found
    const rows = await readRows(tx, wanted, all)
    const listed = listedRelations(rows)
    const relations = rows.roots.map((row) => listed.get(row.oid)?.relation).filter((found) => found !== undefined)
    // A type that no relation uses stands with the first relation of its schema; a list of tables asks for none.
    const homes = options.tables === undefined ? firstOfSchemas(rows.roots) : []
    const needed = await readPrerequisites(tx, rows.ancestors, listed, homes)
    return {
      database: source.database,
      serverVersion: about?.version ?? 0,
      relations,
      foreignKeys: foreignKeysFrom([...rows.constraints.values()].flat(), listed),
      ...needed,
    }
  })
}

interface CatalogRows {
  readonly roots: readonly RelationRow[]
  /** Partitions by their parent's oid, in name order. */
  readonly partitions: ReadonlyMap<string, readonly RelationRow[]>
  /** The listed root of every listed relation and partition. */
  readonly ancestors: ReadonlyMap<string, string>
  readonly columns: ReadonlyMap<string, readonly ColumnRow[]>
  readonly constraints: ReadonlyMap<string, readonly ConstraintRow[]>
  readonly indexes: ReadonlyMap<string, readonly IndexRow[]>
  readonly extras: ReadonlyMap<string, readonly PartitionExtraRow[]>
  readonly views: ReadonlyMap<string, ViewRow>
  readonly names: ReadonlyMap<string, RelationName>
}

async function readRows(
  tx: Queryable,
  wanted: readonly RelationRow[],
  all: readonly RelationRow[],
): Promise<CatalogRows> {
  const chosen = new Set(wanted.map((row) => row.oid))
  const roots = all.filter((row) => chosen.has(row.oid)) // in name order, whatever the list's order was
  const partitions = new Map<string, RelationRow[]>()
  for (const row of all)
    if (row.parent !== null) partitions.set(row.parent, [...(partitions.get(row.parent) ?? []), row])
  const ancestors = new Map<string, string>()
  const claim = (oid: string, root: string): void => {
    ancestors.set(oid, root)
    for (const partition of partitions.get(oid) ?? []) claim(partition.oid, root)
  }
  for (const row of roots) claim(row.oid, row.oid)
  const everything = [...ancestors.keys()]
  const parts = everything.filter((oid) => !chosen.has(oid))
  const views = roots.filter((row) => row.kind === 'v' || row.kind === 'm').map((row) => row.oid)
  const read = async <Row>(statement: string, oids: readonly string[]) => (await tx.query<Row>(statement, [oids])).rows
  return {
    roots,
    partitions,
    ancestors,
    columns: byRelation(await read<ColumnRow>(COLUMNS, [...chosen])),
    constraints: byRelation(await read<ConstraintRow>(CONSTRAINTS, everything)),
    indexes: byRelation(await read<IndexRow>(INDEXES, everything)),
    extras: byRelation(await read<PartitionExtraRow>(PARTITION_EXTRAS, parts)),
    views: new Map((await read<ViewRow>(VIEWS, views)).map((row) => [row.relation, row])),
    names: new Map(all.map(({ oid, schema, name }) => [oid, { schema, name }])),
  }
}

function listedRelations(rows: CatalogRows): Map<string, Listed> {
  const listed = new Map<string, Listed>()
  const relations = new Map(rows.roots.map((row) => [row.oid, relationFrom(row, rows)]))
  for (const [oid, root] of rows.ancestors) {
    const relation = relations.get(root)
    if (relation === undefined) continue
    listed.set(oid, { relation, partition: oid === root ? null : (rows.names.get(oid) ?? null) })
  }
  return listed
}

const KINDS = { r: 'table', p: 'partitioned', v: 'view', m: 'materialized_view', f: 'foreign' } as const

function relationFrom(row: RelationRow, rows: CatalogRows): Relation {
  const constraints = rows.constraints.get(row.oid) ?? []
  const ofKind = (kind: ConstraintRow['kind']) => constraints.filter((one) => one.kind === kind).map(constraintFrom)
  const view = rows.views.get(row.oid)
  const indexes = (rows.indexes.get(row.oid) ?? []).map((index) => index.definition)
  return {
    schema: row.schema,
    name: row.name,
    kind: KINDS[row.kind],
    comment: row.comment,
    columns: (rows.columns.get(row.oid) ?? []).map(columnFrom),
    primaryKey: ofKind('p')[0] ?? null,
    uniques: ofKind('u'),
    checks: ofKind('c'),
    exclusions: ofKind('x'),
    indexes: indexes.map((index) => (row.kind === 'p' ? index.replace(' ON ONLY ', ' ON ') : index)),
    partitionKey: row.partition_key,
    partitions: (rows.partitions.get(row.oid) ?? []).map((partition) => partitionFrom(partition, rows)),
    definition: view === undefined ? null : view.definition.trim().replace(/;$/, ''),
    populated: row.populated,
    rowsEstimated: rowsEstimated(row, rows),
    dependsOn: (view?.reads ?? [])
      .map((oid) => rows.names.get(rows.ancestors.get(oid) ?? oid))
      .filter((name) => name !== undefined)
      .toSorted((one, other) => compareNames(quoteRelation(one), quoteRelation(other))),
    ...optionsFrom(row),
    ...inheritsFrom(row, rows),
    ...(row.unlogged ? { unlogged: true as const } : {}),
    ...otherCommentsFrom(row, rows),
  }
}

function optionsFrom({ options }: RelationRow): Pick<Relation, 'options'> {
  return options === null ? {} : { options }
}

function inheritsFrom(row: RelationRow, rows: CatalogRows): Pick<Relation, 'inherits'> {
  const parents = (row.inherits ?? []).filter((oid) => rows.ancestors.has(oid))
  const inherits = parents.flatMap((oid) => rows.names.get(oid) ?? [])
  return inherits.length === 0 ? {} : { inherits }
}

function otherCommentsFrom(row: RelationRow, rows: CatalogRows): Pick<Relation, 'otherComments'> {
  const own = row.schema_comment === null || row.schema === 'public' ? [] : [schemaCommentDdl(row, row.schema_comment)]
  const otherComments = [...own, ...(rows.indexes.get(row.oid) ?? []).flatMap((index) => indexCommentDdl(row, index))]
  return otherComments.length === 0 ? {} : { otherComments }
}

function schemaCommentDdl({ schema }: RelationName, comment: string): string {
  return `comment on schema ${quoteIdentifier(schema)} is ${quoteLiteral(comment)}`
}

function indexCommentDdl({ schema }: RelationName, { name, comment }: IndexRow): string[] {
  return comment === null ? [] : [`comment on index ${quoteRelation({ schema, name })} is ${quoteLiteral(comment)}`]
}

function firstOfSchemas(roots: readonly RelationRow[]): string[] {
  return [...new Map(roots.toReversed().map((row) => [row.schema, row.oid])).values()]
}

/** A partitioned parent holds no rows itself: its partitions' estimates add up, unless one was never analyzed. */
function rowsEstimated(row: RelationRow, rows: CatalogRows): number {
  if (row.kind !== 'p') return row.rows_estimated
  const parts = (rows.partitions.get(row.oid) ?? []).map((part) => rowsEstimated(part, rows))
  return parts.some((part) => part < 0) ? -1 : parts.reduce((sum, part) => sum + part, 0)
}

function partitionFrom(row: RelationRow, rows: CatalogRows): Partition {
  const table = quoteRelation(row)
  const keys = (rows.constraints.get(row.oid) ?? []).filter((constraint) => constraint.kind !== 'f')
  const indexes = rows.indexes.get(row.oid) ?? []
  return {
    schema: row.schema,
    name: row.name,
    bound: row.bound ?? 'DEFAULT',
    partitionKey: row.partition_key,
    partitions: (rows.partitions.get(row.oid) ?? []).map((partition) => partitionFrom(partition, rows)),
    extraDdl: [
      ...keys.map((key) => `alter table ${table} add constraint ${quoteIdentifier(key.name)} ${key.definition}`),
      ...indexes.map((index) => index.definition.replace(' ON ONLY ', ' ON ')),
      ...keys.flatMap((key) => constraintCommentDdl(row, key)),
      ...indexes.flatMap((index) => indexCommentDdl(row, index)),
      ...(rows.extras.get(row.oid) ?? []).map((extra) => extra.ddl),
    ],
    ...optionsFrom(row),
  }
}

function constraintFrom({ name, columns, definition, comment, inherited }: ConstraintRow): Constraint {
  return { name, columns, definition, ...(comment === null ? {} : { comment }), ...inheritedFrom(inherited) }
}

function inheritedFrom(inherited: boolean): { readonly inherited?: true } {
  return inherited ? { inherited } : {}
}

function columnFrom(row: ColumnRow): Column {
  const identityOptions = row.sequence === null ? '' : sequenceOptions(row.sequence)
  return {
    name: row.name,
    type: row.type,
    baseType: row.base_type,
    isArray: row.is_array,
    category: row.category,
    notNull: row.not_null,
    default: row.generated === '' ? row.expression : null,
    identity: row.identity === '' ? null : row.identity === 'a' ? 'always' : 'by default',
    ...(identityOptions === '' ? {} : { identityOptions }),
    generated: row.generated === '' ? null : row.expression,
    ...(row.generated === 'v' ? { generatedVirtually: true as const } : {}),
    ...(row.collation === null ? {} : { collation: row.collation }),
    comment: row.comment,
    ...inheritedFrom(row.inherited),
    enumLabels: row.labels,
  }
}
