/** A statement's answer: rows as objects, and how many rows it touched. */
export interface QueryAnswer<Row> {
  readonly rows: Row[]
  readonly rowCount: number
}

/** Whatever runs a parametrised statement: the store itself, or a transaction on it. */
export interface Queryable {
  /** Runs one statement; `values` fill `$1`, `$2`, … */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryAnswer<Row>>
}

/**
 * The Postgres database where Helix keeps its state. Correct behind a transaction-mode pooler: no session locks,
 * no LISTEN, no session settings. The embedded store has one connection, so a transaction's work must use `tx` alone.
 * @throws {Problem} `store_unavailable` when the server does not answer
 */
export interface Store extends Queryable {
  readonly kind: 'embedded' | 'server'
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /**
   * Sends one item of a statement that takes many: those that come while one is under way share the next, and commit
   * with it. Each gets its own answer; where one spoils the statement, they are sent one by one.
   * @param statement takes a JSON array of items as `$1` and answers one row: `answers`, a JSON array in the same order
   */
  together<Answer>(statement: string, item: unknown): Promise<Answer>
  close(): Promise<void>
}
