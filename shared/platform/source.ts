import type { Queryable } from './store.ts'

/** Where a business database is: a configured name, or an inline connection whose password is sealed. */
export interface SourceRef {
  readonly name: string
  /** Connection URL; only for inline connections, never logged. */
  readonly url?: string
  /** Somebody asks by hand whether it works: it is called also while it is given a rest. */
  readonly asked?: boolean
}

export interface ReadLimits {
  /** Rows kept; a statement with more is cut and `truncated` says so. */
  readonly rowsMax: number
  /** Bytes of the answer as JSON text, counted while reading. */
  readonly bytesMax: number
  readonly timeoutMs: number
  /** Planned cost above which nothing is run: refused with SQLSTATE 54000, program limit exceeded. Default none. */
  readonly costMax?: number
  /** Planned rows of the result above which nothing is run: refused as a cost is. Default none. */
  readonly rowsPlannedMax?: number
  /** Appended to every statement that the reading takes. */
  readonly comment?: string
}

export interface ReadAnswer {
  readonly columns: readonly string[]
  readonly rows: readonly Record<string, unknown>[]
  readonly truncated: boolean
}

/**
 * The business database that a task reads. Everything happens in read-only transactions, so that nothing a
 * statement tries can change it; `read` is for statements that are not ours.
 */
export interface Source extends AsyncDisposable {
  readonly name: string
  /** `current_database()`; for the bundled sample the name that people know it by. */
  readonly database: string
  /** False where the database can't stop a running statement (the embedded one): callers then judge by planned cost. */
  readonly stopsStatements: boolean
  /**
   * Our own catalog and sampling statements, in one read-only transaction with a consistent snapshot.
   * The transaction ends when `work` does.
   */
  readOnly<T>(work: (tx: Queryable) => Promise<T>, timeoutMs?: number): Promise<T>
  /**
   * Runs one foreign statement in a read-only transaction of its own, through a cursor, within limits.
   * @throws the database's own error (with its SQLSTATE in `code`) when it refuses the statement
   */
  read(sql: string, limits: ReadLimits): Promise<ReadAnswer>
  /**
   * `EXPLAIN` of one foreign statement: proves that it parses and plans, runs nothing.
   * @returns the planner's total cost and estimated rows of the top node
   */
  explain(sql: string, timeoutMs: number): Promise<{ readonly cost: number; readonly rows: number }>
}

/** Opens business databases by name or by inline connection. */
export interface Sources {
  /** Configured names, plus the bundled sample's when nothing else is configured. */
  list(): readonly SourceSummary[]
  /** @throws {Problem} `source_not_found`, `source_unreachable`, `source_refused` (password or permission) */
  open(ref: SourceRef): Promise<Source>
}

export interface SourceSummary {
  readonly name: string
  /** `server` by URL, `sample` the bundled one. */
  readonly kind: 'server' | 'sample'
  /** Host, port and database; never a user's password. */
  readonly address: string
}
