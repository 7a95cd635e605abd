import type { Json, JsonObject } from './definition.ts'

// Comments, strings, quoted names and casts are stepped over; what is left of colons are parameters.
const LEXEME =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$|[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|::|:=|(?<![\p{L}\p{N}_$:\])]):(?<name>[a-z][a-z0-9_]{0,49})\b/gu
const LEXEME_OR_END = new RegExp(`${LEXEME.source}|;`, LEXEME.flags)

/** The inputs that a statement mentions as `:name`. */
export function parametersOf(query: string): string[] {
  return [
    ...new Set([...query.matchAll(LEXEME)].flatMap(({ groups }) => (groups?.name === undefined ? [] : [groups.name]))),
  ]
}

/**
 * A statement with its inputs written in as literals of their own: a value can't become part of the statement. Lists
 * become arrays, objects `jsonb`.
 */
export function bindQuery(query: string, inputs: JsonObject): string {
  return query.replaceAll(LEXEME, (found: string, ...rest: unknown[]) => {
    const { name } = rest.at(-1) as { name?: string }
    return name === undefined ? found : literal(Object.hasOwn(inputs, name) ? (inputs[name] ?? null) : null)
  })
}

/** Values of the same kinds that can do no harm: a statement must be the same with them. */
export function harmless(inputs: JsonObject): JsonObject {
  const plain = (value: Json): Json => {
    if (typeof value === 'string') return 'x'
    if (typeof value === 'number') return value < 0 ? -1 : 1
    if (Array.isArray(value) && isFlat(value as readonly Json[])) return value.map(plain)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { x: 1 } : value
  }
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, plain(value)]))
}

function literal(value: Json): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return value < 0 ? `(${numberText(value)})` : numberText(value)
  if (typeof value === 'string') return quoted(value)
  const flat = Array.isArray(value) && value.length > 0 && isFlat(value as readonly Json[])
  if (flat) return `array[${(value as readonly Json[]).map(literal).join(', ')}]`
  if (Array.isArray(value) && value.length === 0) return `'{}'`
  return `${quoted(JSON.stringify(value))}::jsonb`
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

function isFlat(items: readonly Json[]): boolean {
  const kinds = new Set(items.filter((item) => item !== null).map((item) => typeof item))
  return kinds.size === 1 && !kinds.has('object')
}

/** Right whatever the server takes a backslash for. */
function quoted(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return doubled.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** The statement without the semicolon that ends it, and what follows it. */
export function firstStatement(query: string): string {
  for (const { 0: found, index } of query.matchAll(LEXEME_OR_END)) if (found === ';') return query.slice(0, index)
  return query
}
