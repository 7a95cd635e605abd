import type { Catalog, Column, Relation } from '../../shared/dataset/catalog/catalog.ts'
import type { Pair } from '../../shared/dataset/pair.ts'

/** A pair as the generator would make it, changed where a test needs it. */
export function pairOf(sql: string, changes: Partial<Pair> = {}): Pair {
  const defaults = {
    id: sql,
    question: `Question of ${sql}`,
    tables: [],
    features: [],
    hardness: 'easy',
    language: 'en',
  } as const
  return { ...defaults, sql, ...changes }
}

export interface TableSketch {
  readonly schema?: string
  readonly kind?: Relation['kind']
  /** Name and category: `{ name: 'S', price: 'N' }`. */
  readonly columns: Readonly<Record<string, string>>
}

/** A catalog of tables that differ in names and types alone. @param keys `orders(customer_id) -> customers(id)` */
export function catalogOf(tables: Readonly<Record<string, TableSketch>>, keys: readonly string[] = []): Catalog {
  const relations = Object.entries(tables).map(([name, sketch]) => relationOf(name, sketch))
  const named = (text: string) => relations.find(({ name }) => name === text)
  const foreignKeys = keys.map((key) => {
    const [, from = '', fromColumns = '', to = '', toColumns = ''] = /^(\w+)\((.+)\) -> (\w+)\((.+)\)$/.exec(key) ?? []
    return {
      name: key,
      from: { schema: named(from)?.schema ?? 'public', name: from },
      fromColumns: fromColumns.split(', '),
      to: { schema: named(to)?.schema ?? 'public', name: to },
      toColumns: toColumns.split(', '),
      definition: '',
    }
  })
  return { database: 'test', serverVersion: 150_000, relations, foreignKeys, enums: [], domains: [], prerequisites: [] }
}

function relationOf(name: string, { schema = 'public', kind = 'table', columns }: TableSketch): Relation {
  return {
    schema,
    name,
    kind,
    comment: null,
    columns: Object.entries(columns).map(([column, category]) => columnOf(column, category)),
    primaryKey: null,
    uniques: [],
    checks: [],
    exclusions: [],
    indexes: [],
    partitionKey: null,
    partitions: [],
    definition: null,
    populated: true,
    rowsEstimated: 10,
    dependsOn: [],
  }
}

function columnOf(name: string, category: string): Column {
  return {
    name,
    type: 'text',
    baseType: 'text',
    isArray: false,
    category,
    notNull: false,
    default: null,
    identity: null,
    generated: null,
    comment: null,
    enumLabels: null,
  }
}
