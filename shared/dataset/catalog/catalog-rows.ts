import type { SequenceRow } from './sequence-options.ts'

// What the statements of store.ts answer. Objects are named by their oid as text.

export interface RelationRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f'
  /** Set on partitions only. */
  readonly parent: string | null
  readonly bound: string | null
  readonly partition_key: string | null
  readonly comment: string | null
  readonly populated: boolean
  readonly rows_estimated: number
  readonly options: readonly string[] | null
  /** Parents of a table that is no partition. */
  readonly inherits: readonly string[] | null
  readonly unlogged: boolean
  readonly schema_comment: string | null
}

export interface ColumnRow {
  readonly relation: string
  readonly name: string
  readonly type: string
  readonly base_type: string
  readonly is_array: boolean
  readonly category: string
  readonly labels: readonly string[] | null
  readonly not_null: boolean
  readonly inherited: boolean
  readonly identity: '' | 'a' | 'd'
  readonly generated: '' | 's' | 'v'
  readonly expression: string | null
  readonly comment: string | null
  readonly collation: string | null
  readonly sequence: SequenceRow | null
}

export interface ConstraintRow {
  readonly relation: string
  readonly target: string
  readonly kind: 'p' | 'u' | 'c' | 'x' | 'f'
  readonly name: string
  readonly definition: string
  readonly columns: readonly string[]
  readonly target_columns: readonly string[]
  readonly comment: string | null
  readonly inherited: boolean
}

export interface IndexRow {
  readonly relation: string
  readonly name: string
  readonly definition: string
  readonly comment: string | null
}

export interface PartitionExtraRow {
  readonly relation: string
  readonly ddl: string
}

export interface ViewRow {
  readonly relation: string
  readonly definition: string
  readonly reads: readonly string[]
}

/** Rows by the relation that they belong to, in their order. */
export function byRelation<Row extends { readonly relation: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.relation)
    if (group === undefined) groups.set(row.relation, [row])
    else group.push(row)
  }
  return groups
}
