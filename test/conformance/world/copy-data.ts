const COPY = /^copy (\S+ \([^)]*\)) from stdin;\n([\s\S]*?)^\\\.$/gim
const ROWS_MAX = 500 // of one statement

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** A dump's COPY data as INSERT statements, since only psql sends what follows a `COPY … FROM stdin`. */
export function insertsForCopies(sql: string): string {
  return sql.replaceAll(COPY, (_, target: string, data: string) => {
    const rows = data
      .split('\n')
      .slice(0, -1)
      .map((line) => `(${line.split('\t').map(literal).join(', ')})`)
    const statements: string[] = []
    for (let at = 0; at < rows.length; at += ROWS_MAX) {
      const values = rows.slice(at, at + ROWS_MAX).join(',\n')
      statements.push(`insert into ${target} overriding system value values\n${values};`)
    }
    return statements.join('\n')
  })
}

/** A field of COPY's text format (Postgres documentation of COPY, "Text Format") as a literal without a type. */
function literal(field: string): string {
  if (field === '\\N') return 'null'
  const text = field.replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
  return `'${text.replaceAll("'", "''")}'`
}
