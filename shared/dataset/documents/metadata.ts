import { type Catalog, displayName, type Relation, sameRelation } from '../catalog/catalog.ts'
import { quoteColumns } from '../catalog/quote.ts'
import { inFileOrder } from './ddl.ts'
import { fileNameOf } from './file-name.ts'

/** One relation's numbers. */
export interface MetadataEntry {
  readonly relation: Relation
  readonly rows: number
  readonly rowsExact: boolean
}

/**
 * `metadata.txt`: what a task's files describe. `key: value` lines, a `[relation]` section each, and the order in which
 * to run the DDL files. Comments are JSON strings, so that a line stays a line.
 * @param when the time of writing, as text
 */
export function renderMetadata(catalog: Catalog, entries: readonly MetadataEntry[], when: string): string {
  const tables = entries.filter(({ relation }) => relation.kind !== 'view' && relation.kind !== 'materialized_view')
  const inferred = catalog.foreignKeys.filter((key) => key.inferred === true)
  const head = [
    '# Helix metadata',
    `database: ${catalog.database}`,
    `server_version: ${Math.floor(catalog.serverVersion / 10_000)}.${catalog.serverVersion % 10_000}`,
    `generated_at: ${when}`,
    `tables: ${tables.length}`,
    `views: ${entries.length - tables.length}`,
    `columns: ${entries.reduce((sum, { relation }) => sum + relation.columns.length, 0)}`,
    `foreign_keys: ${catalog.foreignKeys.length - inferred.length}`,
    ...(inferred.length === 0 ? [] : [`inferred_keys: ${inferred.length}`]),
  ]
  const order = replayOrder(catalog).map((relation) => fileNameOf(relation, '.ddl', catalog.relations))
  const sections = [head, ...entries.map((entry) => entryLines(catalog, entry)), ['[replay order]', ...order]]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** The order in which the DDL runs in one go: tables by file name, then each view after what it reads. */
export function replayOrder(catalog: Catalog): Relation[] {
  const files = inFileOrder(catalog)
  const isView = (relation: Relation): boolean => relation.kind === 'view' || relation.kind === 'materialized_view'
  const ordered = new Set(files.filter((relation) => !isView(relation)))
  const byName = new Map(files.map((relation) => [JSON.stringify([relation.schema, relation.name]), relation]))
  const place = (relation: Relation): void => {
    for (const { schema, name } of relation.dependsOn) {
      const read = byName.get(JSON.stringify([schema, name]))
      if (read !== undefined && !ordered.has(read)) place(read)
    }
    ordered.add(relation)
  }
  for (const relation of files) place(relation)
  return [...ordered]
}

function entryLines(catalog: Catalog, { relation, rows, rowsExact }: MetadataEntry): string[] {
  const keys = catalog.foreignKeys.filter((key) => sameRelation(key.from, relation))
  return [
    `[${displayName(relation)}]`,
    `kind: ${relation.kind}`,
    `rows: ${rows}${rowsExact ? '' : ' (estimated)'}`,
    `columns: ${relation.columns.length}`,
    `ddl: ${fileNameOf(relation, '.ddl', catalog.relations)}`,
    `document: ${fileNameOf(relation, '_detail.md', catalog.relations)}`,
    ...(relation.comment === null ? [] : [`comment: ${JSON.stringify(relation.comment)}`]),
    ...(relation.primaryKey === null ? [] : [`primary_key: ${quoteColumns(relation.primaryKey.columns)}`]),
    ...keys.map(
      (key) =>
        `${key.inferred === true ? 'inferred_key' : 'foreign_key'}: ${quoteColumns(key.fromColumns)} references ${displayName(key.to)} ${quoteColumns(key.toColumns)}`,
    ),
  ]
}
