import { lookUpBase } from '../resolve.ts'
import { dottedName, type Edit, edited, endOfClause, tokenAt } from '../tokens.ts'
import { listOf, locationOf, nodeIf, nodesBelow, nodesOf, type TreeNode, tagged, textsOf } from '../tree.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

const TEXT = 'S'

/** Values and columns of types that do not go together: quotes around a number, a cast beside a column. */
export const typeCast: TreeRule = {
  name: 'type-cast',
  propose(context: ParsedContext) {
    if (context.failure.class !== 'type_mismatch' && context.failure.class !== 'unknown_function') return []
    const edits = [...nodesBelow(context.tree.stmts)].flatMap(({ kind, node }) => {
      if (kind === 'A_Expr') return comparisonEdits(context, node)
      if (kind === 'FuncCall') return callEdits(context, node)
      return kind === 'CoalesceExpr' ? mixedEdits(context, listOf(node.args)) : []
    })
    return edits.length === 0 ? [] : [edited(context.sql, edits)]
  },
}

function comparisonEdits(context: ParsedContext, node: TreeNode): Edit[] {
  const right = nodeIf(node.rexpr, 'List')?.items ?? node.rexpr
  const sides = [node.lexpr, ...(Array.isArray(right) ? right : [right])]
  const pattern =
    node.kind === 'AEXPR_LIKE' || node.kind === 'AEXPR_ILIKE' || textsOf(node.name).some((name) => name.includes('~'))
  if (pattern) return categoryOf(context, node.lexpr) === TEXT ? [] : castColumn(context, node.lexpr, 'text')
  const operator = textsOf(node.name).at(-1) ?? ''
  return /^(?:=|<>|<|>|<=|>=|BETWEEN|\|\|)$/.test(operator) ? mixedEdits(context, sides) : []
}

/** Text beside something else: a number gets quotes beside a text column, other columns become text. */
function mixedEdits(context: ParsedContext, sides: readonly unknown[]): Edit[] {
  const categories = sides.map((side) => categoryOf(context, side))
  const columns = new Set(categories.filter((category) => category !== null))
  if (columns.size > 1)
    return sides.flatMap((side, index) => (categories[index] === TEXT ? [] : castColumn(context, side, 'text')))
  if (columns.has(TEXT)) return sides.flatMap((side) => quoteNumber(context, side))
  const values = sides.flatMap((side) => valueEdits(context, side, [...columns][0]))
  if (values.length > 0) return values
  const unreadable = sides.some(
    (side) => textConstant(side) !== null && !fits(textConstant(side) ?? '', [...columns][0]),
  )
  return unreadable ? sides.flatMap((side) => castColumn(context, side, 'text')) : []
}

/** A value written as another type's: 1 for true, '5.0' for a whole number, a day without its quotes. */
function valueEdits({ tokens, failure }: ParsedContext, side: unknown, category: string | undefined): Edit[] {
  const constant = nodeIf(side, 'A_Const')
  const start = tokenAt(tokens, constant === null ? firstLocation(side) : locationOf(constant))
  const token = tokens[start]
  if (token === undefined) return []
  const text = textConstant(side)
  if (category === 'N' && failure.sqlState === '22P02' && text !== null && fits(text, 'N')) {
    return [{ start: token.start, end: token.end, text: text.trim() }]
  }
  if (constant !== null && category === 'B' && /^[01]$/.test(token.text)) {
    return [{ start: token.start, end: token.end, text: token.text === '1' ? 'true' : 'false' }]
  }
  if (category !== 'D' || token.kind !== 'number') return []
  const day = /^(\d{4})(\d\d)(\d\d)$/.exec(token.text)
  if (day !== null) return [{ start: token.start, end: token.end, text: `'${day.slice(1).join('-')}'` }]
  const parts = tokens.slice(start, start + 5)
  const last = parts.at(-1)
  const written = parts.map((part) => part.text).join('')
  return last === undefined || !/^\d{4}-\d\d-\d\d$/.test(written)
    ? []
    : [{ start: token.start, end: last.end, text: `'${written}'` }]
}

/** Of the first number of `2020 - 01 - 05`. */
function firstLocation(side: unknown): number {
  const constants = nodesOf(side, 'A_Const').map(locationOf)
  return constants.length === 3 ? Math.min(...constants) : -1
}

function callEdits(context: ParsedContext, node: TreeNode): Edit[] {
  const name = textsOf(node.funcname).at(-1) ?? ''
  const args = listOf(node.args)
  if (name === 'round' && args.length === 2) return castFirstArgument(context, node, 'numeric')
  if (/^(?:sum|avg)$/.test(name) && categoryOf(context, args[0]) === TEXT)
    return castColumn(context, args[0], 'numeric')
  if (name === 'date_trunc' && categoryOf(context, args[1]) === TEXT) return castColumn(context, args[1], 'timestamp')
  if (/^(?:lower|upper|length|trim|btrim|substring|substr|left|right|replace|string_agg)$/.test(name)) {
    return categoryOf(context, args[0]) === TEXT ? [] : castColumn(context, args[0], 'text')
  }
  return []
}

/** `round(avg(x), 2)` becomes `round((avg(x))::numeric, 2)`. */
function castFirstArgument({ tokens }: ParsedContext, node: TreeNode, type: string): Edit[] {
  const name = tokenAt(tokens, locationOf(node))
  const open = tokens.findIndex((token, index) => index >= name && token.text === '(')
  const first = tokens[open + 1]
  const last = tokens[endOfClause(tokens, open + 1, [',']) - 1]
  if (name === -1 || first === undefined || last === undefined) return []
  return [
    { start: first.start, end: first.start, text: '(' },
    { start: last.end, end: last.end, text: `)::${type}` },
  ]
}

function castColumn({ tokens }: ParsedContext, side: unknown, type: string): Edit[] {
  const column = nodeIf(side, 'ColumnRef')
  const end = column === null ? undefined : dottedName(tokens, tokenAt(tokens, locationOf(column))).at(-1)?.end
  return end === undefined ? [] : [{ start: end, end, text: `::${type}` }]
}

function quoteNumber({ tokens }: ParsedContext, side: unknown): Edit[] {
  const constant = nodeIf(side, 'A_Const')
  const token = constant === null ? undefined : tokens[tokenAt(tokens, locationOf(constant))]
  if (token?.kind !== 'number') return []
  return [{ start: token.start, end: token.end, text: `'${token.text}'` }]
}

/** `pg_type.typcategory` of a side that is a column; null for anything else. */
function categoryOf({ names }: ParsedContext, side: unknown): string | null {
  const column = tagged(side)
  return column?.kind === 'ColumnRef' ? (lookUpBase(names, column.node)?.column.category ?? null) : null
}

function textConstant(side: unknown): string | null {
  const text = (nodeIf(side, 'A_Const')?.sval as TreeNode | undefined)?.sval
  return typeof text === 'string' ? text : null
}

function fits(text: string, category: string | undefined): boolean {
  if (category === 'N') return /^\s*[-+]?\d+(?:\.\d+)?\s*$/.test(text)
  if (category === 'B') return /^(?:t|f|true|false|yes|no|on|off|0|1)$/i.test(text)
  return true
}
