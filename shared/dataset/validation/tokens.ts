/** A lexical element of a statement, with where it stands in the text. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** As written. */
  readonly text: string
  /** UTF-16 offsets, as strings count. */
  readonly start: number
  readonly end: number
  /** Offset of the start in bytes of UTF-8, as locations of the parse tree count. */
  readonly byte: number
  /** Parentheses open around it; an opening parenthesis counts itself, a closing one does not. */
  readonly depth: number
}

/** A replacement of part of a text. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

const PATTERN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>\$(?<tag>[\p{L}_]*)\$[\s\S]*?\$\k<tag>\$|[eE]'(?:[^'\\]|''|\\[\s\S])*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')|(?<quoted>(?:[uU]&)?"(?:[^"]|"")*"|`[^`]*`)|(?<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<symbol>::|:=|[<>!=]=|<>|\S)/gu

/** The tokens of a statement; comments and white space are left out. Never fails: what it does not know is a symbol. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  let depth = 0
  let byte = 0
  let counted = 0
  for (const match of sql.matchAll(PATTERN)) {
    const kind = kindOf(match.groups ?? {})
    if (kind === null) continue
    byte += utf8Length(sql.slice(counted, match.index))
    counted = match.index
    const text = match[0]
    if (text === '(') depth++
    if (text === ')') depth--
    tokens.push({ kind, text, start: match.index, end: match.index + text.length, byte, depth })
  }
  return tokens
}

/** Applies replacements that do not overlap. */
export function edited(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((one, other) => one.start - other.start || one.end - other.end)
  let result = ''
  let copied = 0
  for (const edit of ordered) {
    if (edit.start < copied) continue // a second change of the same place: the first one stands
    result += text.slice(copied, edit.start) + edit.text
    copied = edit.end
  }
  return result + text.slice(copied)
}

/** The name that an identifier token stands for. */
export function nameOf(token: Token): string {
  return token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text.toLowerCase()
}

export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toLowerCase())
}

/** Index of the token at a location of the parse tree; -1 when there is none. */
export function tokenAt(tokens: readonly Token[], location: number): number {
  return tokens.findIndex((token) => token.byte === location)
}

/** Tokens of a dotted name that begins at `index`: `a.b.c` gives three, without the dots. */
export function dottedName(tokens: readonly Token[], index: number): Token[] {
  const parts: Token[] = []
  for (let at = index; at < tokens.length; at += 2) {
    const token = tokens[at]
    if (token?.kind !== 'word' && token?.kind !== 'quoted') break
    parts.push(token)
    if (tokens[at + 1]?.text !== '.') break
  }
  return parts
}

/** Index of the token where a clause that begins at `index` ends: at one of `ends` on its own level, or where its level does. */
export function endOfClause(tokens: readonly Token[], index: number, ends: readonly string[]): number {
  const first = tokens[index]
  const level = first === undefined ? 0 : first.depth - (first.text === '(' ? 1 : 0)
  for (let at = index + 1; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined || token.depth < level) return at
    const onLevel = token.depth === level && token.text !== ')'
    if (onLevel && (token.text === ';' || ends.includes(token.text) || isWord(token, ...ends))) return at
  }
  return tokens.length
}

/** Whether a value is the first or a later one of `IN (a, b)`. */
export function isInList(tokens: readonly Token[], index: number): boolean {
  const depth = tokens[index]?.depth
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at]
    if (token === undefined || token.depth !== depth) return false
    if (token.text === '(') return isWord(tokens[at - 1], 'in')
    if (token.kind === 'word' || (token.kind === 'symbol' && token.text !== ',' && token.text !== '-')) return false
  }
  return false
}

function kindOf(groups: Record<string, string | undefined>): Token['kind'] | null {
  if (groups.comment !== undefined) return null
  if (groups.string !== undefined) return 'string'
  if (groups.quoted !== undefined) return 'quoted'
  if (groups.number !== undefined) return 'number'
  return groups.word !== undefined ? 'word' : 'symbol'
}

function utf8Length(text: string): number {
  if (/^\p{ASCII}*$/u.test(text)) return text.length
  return new TextEncoder().encode(text).length
}
