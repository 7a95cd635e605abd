import { displayName, type ForeignKey, type PartitionKey, type Relation, type RelationName } from './catalog.ts'
import type { ConstraintRow } from './catalog-rows.ts'
import { compareNames } from './compare-names.ts'

/** What stands for an oid: the relation itself, or the listed ancestor of a partition. */
export interface Listed {
  readonly relation: Relation
  /** The partition's own name; null for the relation itself. */
  readonly partition: RelationName | null
}

/**
 * Every foreign key between listed relations, each once. A key that only partitions declare is reported as a key of
 * their parent, whether all of them have it or just some, and `onPartitions` says which.
 */
export function foreignKeysFrom(rows: readonly ConstraintRow[], listed: ReadonlyMap<string, Listed>): ForeignKey[] {
  const own: ForeignKey[] = []
  const inherited = new Map<string, ForeignKey & { readonly onPartitions: PartitionKey[] }>()
  for (const row of rows) {
    const from = listed.get(row.relation)
    const to = listed.get(row.target)
    if (row.kind !== 'f' || from === undefined || to === undefined) continue
    const key: ForeignKey = {
      name: row.name,
      from: nameOf(from.relation),
      fromColumns: row.columns,
      to: nameOf(to.relation),
      toColumns: row.target_columns,
      definition: row.definition,
      ...(row.comment === null ? {} : { comment: row.comment }),
    }
    if (from.partition === null) {
      own.push(key)
      continue
    }
    const declared: PartitionKey = { ...from.partition, constraint: row.name, definition: row.definition }
    const known = inherited.get(shapeOf(key))
    if (known === undefined) inherited.set(shapeOf(key), { ...key, onPartitions: [declared] })
    else known.onPartitions.push(declared)
  }
  const shapes = new Set(own.map(shapeOf))
  const added = [...inherited.values()].filter((key) => !shapes.has(shapeOf(key))).map(withSortedPartitions)
  return [...own, ...added].sort(
    (one, other) => compareNames(displayName(one.from), displayName(other.from)) || compareNames(one.name, other.name),
  )
}

function withSortedPartitions(key: ForeignKey & { readonly onPartitions: PartitionKey[] }): ForeignKey {
  const onPartitions = key.onPartitions.toSorted((one, other) => compareNames(displayName(one), displayName(other)))
  return { ...key, name: onPartitions[0]?.constraint ?? key.name, onPartitions }
}

function shapeOf(key: ForeignKey): string {
  return JSON.stringify([displayName(key.from), key.fromColumns, displayName(key.to), key.toColumns])
}

function nameOf({ schema, name }: RelationName): RelationName {
  return { schema, name }
}
