export type Value = string | number | boolean | null | readonly string[]

/** Rows of one table, as they will be inserted. Money and decimals are text, so that no digit depends on a float. */
export interface TableData {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

const ROWS_PER_INSERT = 500 // a statement of some 50 KB: fewer cost time, more cost memory

/** Insert statements for the rows, in their order. */
export function insertStatements({ table, columns, rows }: TableData): string[] {
  const statements: string[] = []
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT)
    const values = some.map((row) => `(${row.map(literal).join(', ')})`).join(',\n')
    statements.push(`insert into ${table} (${columns.join(', ')}) values\n${values};\n`)
  }
  return statements
}

/** `123456` cents as `1234.56`. */
export function yuan(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}

function literal(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'object') return `array[${value.map(literal).join(', ')}]::text[]`
  return String(value)
}
