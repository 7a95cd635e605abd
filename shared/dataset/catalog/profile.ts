/** What a table's data says: one pass over at most a capped sample, so that its cost does not grow with the table. */
export interface TableProfile {
  /** Exact up to the cap, else the planner's estimate. */
  readonly rows: number
  readonly rowsExact: boolean
  /** Why the database did not let it be read; there are no columns then. */
  readonly unread?: string
  /** Whether it is not to be asked again: it would take as long, or do what no statement may. */
  readonly avoided?: boolean
  /** By column name. */
  readonly columns: Readonly<Record<string, ColumnProfile>>
}

export interface ColumnProfile {
  /** 0 to 1, of the sampled rows. */
  readonly nullShare: number
  /** Distinct non-null values among the sampled rows. */
  readonly distinct: number
  /** Smallest and largest value as text, for numbers, dates and times; null otherwise or where all is null. */
  readonly min: string | null
  readonly max: string | null
  /** Most frequent non-null values as text, at most 60, most frequent first (then by value). Empty for long text and binary. */
  readonly values: readonly ValueCount[]
  /** True when `values` holds every distinct value of the column. */
  readonly valuesComplete: boolean
  /** Mean length in characters of the sampled text; 0 for other types. */
  readonly averageLength: number
}

export interface ValueCount {
  readonly value: string
  readonly count: number
}
