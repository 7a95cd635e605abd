/** JSON as Postgres takes it for `jsonb`: NUL characters are dropped, halves of surrogate pairs are replaced. */
export function jsonbText(value: unknown): string {
  const text = JSON.stringify(value)
  if (!/\\u(0000|d)/.test(text)) return text
  const escaped = /(?<!\\)((?:\\\\)*)\\u(?:(0000)|d[89a-f][0-9a-f]{2})/g
  return text.replaceAll(escaped, (_, before: string, nul?: string) => before + (nul === undefined ? '\ufffd' : ''))
}
