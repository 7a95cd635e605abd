/** What a source's catalog says, read in a fixed number of statements. Names are as stored, never quoted. */
export interface Catalog {
  readonly database: string
  /** `server_version_num`: 150019. */
  readonly serverVersion: number
  /** Tables, partitioned parents and views in name order; partitions stand below their parent, not here. */
  readonly relations: readonly Relation[]
  /** Every declared foreign key between listed relations, each once, in name order; inferred ones, if asked for, after them. */
  readonly foreignKeys: readonly ForeignKey[]
  readonly enums: readonly EnumType[]
  readonly domains: readonly DomainType[]
  /** What listed relations need to exist first: types, collations, functions, sequences, extensions; as DDL in order of creation. */
  readonly prerequisites: readonly Prerequisite[]
}

export interface RelationName {
  readonly schema: string
  readonly name: string
}

export interface Relation extends RelationName {
  readonly kind: 'table' | 'partitioned' | 'view' | 'materialized_view' | 'foreign'
  readonly comment: string | null
  readonly columns: readonly Column[]
  readonly primaryKey: Constraint | null
  readonly uniques: readonly Constraint[]
  readonly checks: readonly Constraint[]
  /** Exclusion constraints, as DDL. */
  readonly exclusions: readonly Constraint[]
  /** Indexes that no constraint made, as DDL. */
  readonly indexes: readonly string[]
  /** `RANGE (payment_date)` of a partitioned table. */
  readonly partitionKey: string | null
  readonly partitions: readonly Partition[]
  /** The query of a view. */
  readonly definition: string | null
  /** False for a materialized view that was never refreshed: it can't be read. */
  readonly populated: boolean
  /** The planner's estimate; -1 when it was never analyzed. */
  readonly rowsEstimated: number
  /** Relations that a view reads. */
  readonly dependsOn: readonly RelationName[]
  /** Storage and view options as `name=value`; absent when there are none. */
  readonly options?: readonly string[]
  /** Listed tables whose rows include this one's, in their order; absent when there are none. */
  readonly inherits?: readonly RelationName[]
  readonly unlogged?: true
  /** Comments on its schema and its indexes, as DDL; absent when there are none. */
  readonly otherComments?: readonly string[]
}

export interface Column {
  readonly name: string
  /** As DDL writes it: `character varying(50)`, `numeric(10,2)[]`, `"bıgınt"`. */
  readonly type: string
  /** The type below domains, without modifiers: `int4`, `text`, `timestamptz`, `mpaa_rating`; an array's is its element's. */
  readonly baseType: string
  readonly isArray: boolean
  /** `pg_type.typcategory` of the base type: `N` number, `S` string, `D` date/time, `B` boolean, `E` enum, … */
  readonly category: string
  readonly notNull: boolean
  readonly default: string | null
  readonly identity: 'always' | 'by default' | null
  /** Options of an identity's sequence that differ from the usual ones: `start with 1000 increment by 5`. */
  readonly identityOptions?: string
  /** Expression of a generated column. */
  readonly generated: string | null
  /** True when a generated column is computed on reading rather than stored. */
  readonly generatedVirtually?: true
  /** A collation other than the type's own, quoted where needed. */
  readonly collation?: string
  readonly comment: string | null
  /** The table has it from its parents alone; absent where it declares it itself. */
  readonly inherited?: true
  /** Labels of an enum type, in its order. */
  readonly enumLabels: readonly string[] | null
}

export interface Constraint {
  readonly name: string
  readonly columns: readonly string[]
  /** `PRIMARY KEY (id)`, `CHECK ((amount > 0))`: `pg_get_constraintdef`. */
  readonly definition: string
  readonly comment?: string
  /** The table has it from its parents alone; absent where it declares it itself. */
  readonly inherited?: true
}

export interface ForeignKey {
  readonly name: string
  readonly from: RelationName
  readonly fromColumns: readonly string[]
  readonly to: RelationName
  readonly toColumns: readonly string[]
  readonly definition: string
  readonly comment?: string
  /** The partitions that declare this key, where their parent does not: it still relates the parent to its target. */
  readonly onPartitions?: readonly PartitionKey[]
  /** Nobody declared it: names suggest it and the data agrees. DDL never has it. */
  readonly inferred?: true
}

export interface PartitionKey extends RelationName {
  readonly constraint: string
  readonly definition: string
}

export interface Partition extends RelationName {
  /** `FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')`. */
  readonly bound: string
  /** Sub-partitioned ones have a key of their own. */
  readonly partitionKey: string | null
  readonly partitions: readonly Partition[]
  /** DDL of keys and indexes that the partition has and its parent has not. */
  readonly extraDdl: readonly string[]
  /** Storage options as `name=value`; absent when there are none. */
  readonly options?: readonly string[]
}

export interface EnumType extends RelationName {
  readonly labels: readonly string[]
  readonly comment: string | null
}

export interface DomainType extends RelationName {
  readonly type: string
  readonly notNull: boolean
  readonly default: string | null
  /** `CHECK (…)` definitions with their names. */
  readonly checks: readonly Constraint[]
  readonly comment: string | null
}

export interface Prerequisite extends RelationName {
  readonly ddl: string
  /** Relations whose DDL needs it. */
  readonly neededBy: readonly RelationName[]
  /** The column that owns a sequence: dropping it drops the sequence. */
  readonly ownedBy?: { readonly relation: RelationName; readonly column: string }
}

/** How a person and a file name a relation: bare in `public`, `schema.name` elsewhere. */
export function displayName({ schema, name }: RelationName): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

export function sameRelation(one: RelationName, other: RelationName): boolean {
  return one.schema === other.schema && one.name === other.name
}
