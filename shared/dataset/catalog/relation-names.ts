import { displayName, type RelationName } from './catalog.ts'

const BYTE_ORDER_MARK = /^\uFEFF/

/**
 * The names in a list of tables: one a line or separated by commas, `#` and `--` start a comment. Each once, in order,
 * as written: `film`, `sales.order`, `"Order Details"`.
 */
export function parseTableList(text: string): string[] {
  const names = new Set<string>()
  for (const line of text.replace(BYTE_ORDER_MARK, '').split(/\r\n|\r|\n/)) {
    for (const name of splitOutsideQuotes(withoutComment(line), ',')) {
      if (name.trim() !== '') names.add(name.trim())
    }
  }
  return [...names]
}

/**
 * Finds relations by name. A bare name means `public` first, then the only schema that has it; quotes are understood;
 * capitals are ignored where that leaves exactly one relation.
 */
export function matchTables<R extends RelationName>(
  catalog: { readonly relations: readonly R[] },
  names: readonly string[],
): { found: R[]; missing: string[] } {
  const byText = new Map<string, R[]>()
  for (const relation of catalog.relations) {
    for (const text of spellings(relation)) {
      const group = byText.get(text)
      if (group === undefined) byText.set(text, [relation])
      else if (!group.includes(relation)) group.push(relation)
    }
  }
  const found = new Set<R>()
  const missing: string[] = []
  for (const name of names) {
    const relation = pick(byText, name)
    if (relation === null) missing.push(name)
    else found.add(relation)
  }
  return { found: [...found], missing }
}

/** Keys under which a relation may be looked up: exact ones start with `=`, those that ignore capitals with `~`. */
function spellings(relation: RelationName): string[] {
  const full = `${relation.schema}.${relation.name}`
  const exact = [`=${displayName(relation)}`, `=${full}`]
  return [...exact, `=*.${relation.name}`, `~${full.toLowerCase()}`, `~${relation.name.toLowerCase()}`]
}

function pick<R>(byText: ReadonlyMap<string, readonly R[]>, name: string): R | null {
  const plain = splitOutsideQuotes(name, '.').map(unquoted).join('.')
  const lower = plain.toLowerCase()
  for (const key of [`=${plain}`, `=*.${plain}`, `~${lower}`]) {
    const group = byText.get(key) ?? []
    const [only] = group
    if (only !== undefined && group.length === 1) return only
  }
  return null
}

function unquoted(part: string): string {
  const text = part.trim()
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1).replaceAll('""', '"') : text
}

function withoutComment(line: string): string {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') quoted = !quoted
    else if (!quoted && (line[i] === '#' || line.startsWith('--', i))) return line.slice(0, i)
  }
  return line
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    if (character === separator && !quoted) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}
