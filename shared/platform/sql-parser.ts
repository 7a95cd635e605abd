/** The real Postgres grammar. */
export interface SqlParser {
  /** The parse tree as libpg_query gives it (`{ stmts: [{ stmt: { SelectStmt: … } }] }`). @throws {SqlSyntaxError} */
  parse(sql: string): Promise<{ readonly stmts: readonly { readonly stmt: Record<string, unknown> }[] }>
  /** Equal for statements that differ only in literals, white space and case. @throws {SqlSyntaxError} */
  fingerprint(sql: string): Promise<string>
}

export class SqlSyntaxError extends Error {
  override readonly name = 'SqlSyntaxError'
  /** 0-based offset in the statement, or null. */
  readonly position: number | null

  constructor(message: string, position: number | null) {
    super(message)
    this.position = position
  }
}
