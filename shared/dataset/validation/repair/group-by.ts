import { edited, endOfClause, isWord, type Token, tokenAt } from '../tokens.ts'
import { listOf, locationOf, nodeIf, nodesBelow, nodesOf, type TreeNode, tagged, textsOf } from '../tree.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

// Aggregates of the server; a user's own are seldom grouped wrongly.
const AGGREGATE =
  /^(?:count|sum|avg|min|max|string_agg|array_agg|jsonb?_(?:object_)?agg|bool_(?:and|or)|every|stddev.*|var(?:iance|_.*)|corr|covar_.*|regr_.*|percentile_(?:cont|disc)|mode|bit_(?:and|or|xor)|any_value|grouping)$/
const AFTER_GROUP_BY = ['having', 'window', 'union', 'intersect', 'except', 'order', 'limit', 'offset', 'fetch', 'for']

/** Columns beside an aggregate that GROUP BY does not name. */
export const groupBy: TreeRule = {
  name: 'group-by',
  propose(context: ParsedContext) {
    if (context.failure.class !== 'missing_group_by') return []
    for (const { kind, node } of nodesBelow(context.tree.stmts)) {
      if (kind !== 'SelectStmt' || node.targetList === undefined) continue
      const sql = grouped(context, node)
      if (sql !== null) return [sql]
    }
    return []
  },
}

function grouped({ sql, tokens }: ParsedContext, select: TreeNode): string | null {
  const groups = listOf(select.groupClause)
  const outputs = [...listOf(select.targetList), ...listOf(select.sortClause)]
  const aggregates = groups.length > 0 || select.havingClause !== undefined || outputs.some(hasAggregate)
  if (!aggregates) return null
  const already = new Set(groups.flatMap(bareColumns).map((column) => columnText(tokens, column)))
  const positions = new Set(groups.flatMap((group) => positionOf(group) ?? []))
  const names = new Set(listOf(select.targetList).map((item) => nodeIf(item, 'ResTarget')?.name))
  const missing = new Set<string>()
  const expressions = new Set(groups.flatMap((group) => expressionText(sql, tokens, tagged(group)?.node, undefined)))
  const lacks = (column: TreeNode) => !already.has(columnText(tokens, column))
  for (const [index, item] of listOf(select.targetList).entries()) {
    if (positions.has(index + 1)) continue
    const target = nodeIf(item, 'ResTarget') ?? {}
    const text = expressionText(sql, tokens, target, target.name)
    if (expressions.has(text)) continue
    const columns = bareColumns(target.val)
    const whole = text !== '' && !hasAggregate(target.val) && nodesOf(target.val, 'SubLink').length === 0
    // What was grouped by is the whole expression, not the column in it: the month, not the day.
    if (columns.some(lacks) && whole) missing.add(text)
    else for (const column of columns) missing.add(columnText(tokens, column))
  }
  for (const column of listOf(select.sortClause).flatMap(bareColumns)) {
    const said = [...missing, ...expressions].some((text) => text.includes(columnText(tokens, column)))
    if (!said && !names.has(textsOf(column.fields).at(-1))) missing.add(columnText(tokens, column))
  }
  const added = [...missing].filter((text) => text !== '' && !already.has(text))
  if (added.length === 0) return null
  const start = tokenAt(tokens, firstLocation(select))
  if (start === -1) return null
  const at = tokens[endOfClause(tokens, start, AFTER_GROUP_BY) - 1]?.end
  if (at === undefined) return null
  const text = groups.length > 0 ? `, ${added.join(', ')}` : ` group by ${added.join(', ')}`
  return edited(sql, [{ start: at, end: at, text }])
}

function hasAggregate(item: unknown): boolean {
  return [...nodesBelow(item)].some(({ kind, node }) => kind === 'FuncCall' && isAggregate(node))
}

function isAggregate(call: TreeNode): boolean {
  return call.over === undefined && AGGREGATE.test(textsOf(call.funcname).at(-1) ?? '')
}

/** Columns of an expression that stand in no aggregate and no subquery. */
function bareColumns(root: unknown): TreeNode[] {
  const columns: TreeNode[] = []
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value !== 'object' || value === null) continue
    const column = nodeIf(value, 'ColumnRef')
    const call = nodeIf(value, 'FuncCall')
    if (column !== null) columns.push(column)
    else if (nodeIf(value, 'SubLink') === null && !(call !== null && isAggregate(call))) {
      stack.push(...Object.values(value).toReversed())
    }
  }
  return columns.filter((column) => textsOf(column.fields).at(-1) !== '*')
}

/** The column as the statement writes it. */
function columnText(tokens: readonly Token[], column: TreeNode): string {
  const start = tokenAt(tokens, locationOf(column))
  const parts = tokens.slice(start, start + textsOf(column.fields).length * 2 - 1)
  return start === -1 ? '' : parts.map((token) => token.text).join('')
}

/** An element of a list as the statement writes it, without the name that it is given; empty where it can't be told. */
function expressionText(sql: string, tokens: readonly Token[], node: TreeNode | undefined, name: unknown): string {
  const start = node === undefined ? -1 : tokenAt(tokens, locationOf(node))
  const [first, stop] = [tokens[start], endOfClause(tokens, start, [',', 'as', 'from', ...AFTER_GROUP_BY])]
  if (first === undefined) return ''
  const bareName = typeof name === 'string' && !isWord(tokens[stop], 'as')
  const last = tokens[stop - (bareName ? 2 : 1)]
  return last === undefined || last.end <= first.start ? '' : sql.slice(first.start, last.end)
}

function positionOf(group: unknown): number | null {
  const value = (nodeIf(group, 'A_Const')?.ival as TreeNode | undefined)?.ival
  return typeof value === 'number' ? value : null
}

function firstLocation(select: TreeNode): number {
  return locationOf(nodeIf(listOf(select.targetList)[0], 'ResTarget') ?? {})
}
