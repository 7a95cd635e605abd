import type { Catalog, Column, ForeignKey, Relation } from '../../shared/dataset/catalog/catalog.ts'
import type { ColumnProfile, TableProfile } from '../../shared/dataset/catalog/profile.ts'

/** A text column unless told otherwise. */
export function column(name: string, changes: Partial<Column> = {}): Column {
  const type = changes.type ?? 'text'
  return {
    name,
    type,
    baseType: BASE_TYPES[type] ?? type,
    isArray: false,
    category: CATEGORIES[type] ?? 'S',
    notNull: true,
    default: null,
    identity: null,
    generated: null,
    comment: null,
    enumLabels: null,
    ...changes,
  }
}

/** A table in `public` whose first column is its primary key. */
export function relation(name: string, columns: readonly Column[], changes: Partial<Relation> = {}): Relation {
  const key = columns[0]?.name ?? ''
  return {
    schema: 'public',
    name,
    kind: 'table',
    comment: null,
    columns,
    primaryKey: { name: `${name}_pkey`, columns: [key], definition: `PRIMARY KEY (${key})` },
    uniques: [],
    checks: [],
    exclusions: [],
    indexes: [],
    partitionKey: null,
    partitions: [],
    definition: null,
    populated: true,
    rowsEstimated: -1,
    dependsOn: [],
    ...changes,
  }
}

/** `foreignKey('orders.customer_id', 'customers.id')`, both in `public`. */
export function foreignKey(from: string, to: string): ForeignKey {
  const [child = '', childColumn = ''] = from.split('.')
  const [parent = '', parentColumn = ''] = to.split('.')
  return {
    name: `${child}_${childColumn}_fkey`,
    from: { schema: 'public', name: child },
    fromColumns: [childColumn],
    to: { schema: 'public', name: parent },
    toColumns: [parentColumn],
    definition: `FOREIGN KEY (${childColumn}) REFERENCES ${parent}(${parentColumn})`,
  }
}

export function catalog(relations: readonly Relation[], foreignKeys: readonly ForeignKey[] = []): Catalog {
  return { database: 'shop', serverVersion: 150000, relations, foreignKeys, enums: [], domains: [], prerequisites: [] }
}

/** Values with their counts, most frequent first: `columnProfile({ Berlin: 3, Paris: 1 })`. */
export function columnProfile(
  counts: Readonly<Record<string, number>>,
  changes: Partial<ColumnProfile> = {},
): ColumnProfile {
  const values = Object.entries(counts).map(([value, count]) => ({ value, count }))
  return {
    nullShare: 0,
    distinct: values.length,
    min: null,
    max: null,
    values,
    valuesComplete: true,
    averageLength: 8,
    ...changes,
  }
}

export function tableProfile(rows: number, columns: Readonly<Record<string, ColumnProfile>>): TableProfile {
  return { rows, rowsExact: true, columns }
}

const BASE_TYPES: Readonly<Record<string, string>> = {
  integer: 'int4',
  bigint: 'int8',
  boolean: 'bool',
  'timestamp with time zone': 'timestamptz',
}
const CATEGORIES: Readonly<Record<string, string>> = {
  integer: 'N',
  bigint: 'N',
  numeric: 'N',
  boolean: 'B',
  date: 'D',
  'timestamp with time zone': 'D',
  json: 'U',
  jsonb: 'U',
  bytea: 'U',
  point: 'G',
}
