const SCHEMA_TEXT_MAX = 24_000 // characters of DDL in one prompt: leaves room in a window of 16,000 tokens

/** The DDL of the tables that a model needs to see, those first that a pair names, cut where it would fill the prompt. */
export function ddlByTable(ddl: ReadonlyMap<string, string>, tables: readonly string[]): string {
  const named = tables.flatMap((table) => ddl.get(table) ?? [])
  const others = [...ddl].filter(([table]) => !tables.includes(table)).map(([, text]) => text)
  const parts: string[] = []
  let length = 0
  for (const text of [...named, ...others]) {
    if (length + text.length > SCHEMA_TEXT_MAX) break
    parts.push(text)
    length += text.length
  }
  return parts.join('\n')
}
