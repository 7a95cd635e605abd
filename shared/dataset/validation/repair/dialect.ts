import { quoteIdentifier } from '../../catalog/quote.ts'
import { type Edit, edited, endOfClause, isWord, type Token, tokensOf } from '../tokens.ts'
import type { RepairContext, TextRule } from './rule.ts'

const FENCE = /^\s*```(?:\w+)?\s*\n([\s\S]*?)\n?```\s*$/
const FUNCTIONS: Readonly<Record<string, string>> = {
  ifnull: 'coalesce',
  nvl: 'coalesce',
  group_concat: 'string_agg',
  len: 'length',
}

/** What other databases write differently: fences, backticks, names in brackets, `LIMIT 5, 10`, `==`, `IFNULL`, aliases in single quotes. */
export const dialect: TextRule = {
  name: 'dialect',
  propose({ sql }: RepairContext) {
    const unfenced = sql.replace(FENCE, '$1')
    const changed = edited(unfenced, editsOf(unfenced))
    return changed === sql ? [] : [changed]
  },
}

function editsOf(sql: string): Edit[] {
  const tokens = tokensOf(sql)
  return tokens.flatMap((token, index) => [
    ...symbolEdits(token),
    ...bracketEdits(sql, tokens, index),
    ...wordEdits(tokens, index),
    ...limitEdits(tokens, index),
  ])
}

function symbolEdits(token: Token): Edit[] {
  if (token.text === '==') return [{ start: token.start, end: token.end, text: '=' }]
  if (token.kind === 'quoted' && token.text.startsWith('`')) {
    return [{ start: token.start, end: token.end, text: `"${token.text.slice(1, -1).replaceAll('"', '""')}"` }]
  }
  return []
}

/** `[Order Details]` of SQL Server: where a name may stand, and not where an array's element is picked. */
function bracketEdits(sql: string, tokens: readonly Token[], index: number): Edit[] {
  const [before, open] = [tokens[index - 1], tokens[index]]
  if (open?.text !== '[' || before === undefined) return []
  const touches = before.end === open.start && before.text !== '.' && before.text !== '(' && before.text !== ','
  if (touches || before.text === ']' || isWord(before, 'array')) return []
  const close = tokens.findIndex((token, at) => at > index && token.kind !== 'word' && token.kind !== 'number')
  const end = tokens[close]
  if (end?.text !== ']' || close === index + 1) return []
  const inside = sql.slice(open.end, end.start).trim()
  return [{ start: open.start, end: end.end, text: quoteIdentifier(inside) }]
}

function wordEdits(tokens: readonly Token[], index: number): Edit[] {
  const token = tokens[index]
  const next = tokens[index + 1]
  if (token?.kind !== 'word' || next === undefined) return []
  const known = FUNCTIONS[token.text.toLowerCase()]
  if (known === 'string_agg' && next.text === '(') return groupConcat(tokens, index)
  if (known !== undefined && next.text === '(') return [{ start: token.start, end: token.end, text: known }]
  if (isWord(token, 'as') && next.kind === 'string' && next.text.startsWith("'")) {
    const name = next.text.slice(1, -1).replaceAll("''", "'").replaceAll('"', '""')
    return [{ start: next.start, end: next.end, text: `"${name}"` }]
  }
  return []
}

function groupConcat(tokens: readonly Token[], index: number): Edit[] {
  const [name, open] = [tokens[index], tokens[index + 1]]
  const close = tokens[endOfClause(tokens, index + 2, [','])]
  if (name === undefined || open === undefined || close === undefined) return []
  const renamed = { start: name.start, end: name.end, text: 'string_agg' }
  if (close.text !== ')') return [renamed]
  return [
    renamed,
    { start: open.end, end: open.end, text: '(' },
    { start: close.start, end: close.start, text: ")::text, ','" },
  ]
}

/** `LIMIT 5, 10` skips five and takes ten. */
function limitEdits(tokens: readonly Token[], index: number): Edit[] {
  const [limit, skip, comma, take] = tokens.slice(index, index + 4)
  if (!isWord(limit, 'limit') || skip?.kind !== 'number' || comma?.text !== ',' || take?.kind !== 'number') return []
  return [{ start: skip.start, end: take.end, text: `${take.text} offset ${skip.text}` }]
}
