import type { Hardness } from '../pair.ts'
import {
  asType,
  childOf,
  fromItems,
  isNode,
  lastName,
  listOf,
  type SqlTree,
  selectOf,
  type TreeNode,
  walk,
} from './tree.ts'

const AGGREGATES = new Set([
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'string_agg',
  'array_agg',
  'percentile_cont',
  'percentile_disc',
  'mode',
  'bool_or',
  'bool_and',
  'jsonb_agg',
  'json_agg',
])

/**
 * Spider's level of a statement (Yu et al. 2018, evaluation.py): clauses, joins, ORs and LIKEs of the outer query,
 * nested queries (set operations, subqueries, CTEs), and "others" (several aggregates, columns, conditions, groups).
 * What is not a SELECT counts as extra.
 */
export function hardnessOf(tree: SqlTree): Hardness {
  const select = selectOf(tree)
  if (select === null) return 'extra'
  const { outer, operations } = leftmost(select)
  const components = countComponents(outer)
  const nested = operations + countNested(select)
  const others = countOthers(outer)
  if (components <= 1 && others === 0 && nested === 0) return 'easy'
  if (nested === 0 && ((others <= 2 && components <= 1) || (components <= 2 && others < 2))) return 'medium'
  if (nested === 0 && ((others > 2 && components <= 2) || (components > 2 && components <= 3 && others <= 2)))
    return 'hard'
  if (components <= 1 && others === 0 && nested <= 1) return 'hard'
  return 'extra'
}

/** Spider reads a set operation as its left query with another nested in it. */
function leftmost(select: TreeNode): { outer: TreeNode; operations: number } {
  let outer = select
  let operations = 0
  for (let left = childOf(outer, 'larg'); left !== null; left = childOf(outer, 'larg')) {
    outer = left
    operations++
  }
  return { outer, operations }
}

function countComponents(select: TreeNode): number {
  let count = 0
  if (isNode(select.whereClause)) count++
  if (listOf(select, 'groupClause').length > 0) count++
  if (listOf(select, 'sortClause').length > 0) count++
  if (isNode(select.limitCount)) count++
  count += Math.max(0, fromItems(select).items.length - 1)
  walkOuter(select, (type, node) => {
    if (type === 'BoolExpr' && node.boolop === 'OR_EXPR') count += listOf(node, 'args').length - 1
    if (type === 'A_Expr' && (node.kind === 'AEXPR_LIKE' || node.kind === 'AEXPR_ILIKE')) count++
  })
  return count
}

function countNested(select: TreeNode): number {
  let nested = 0
  walk(select, (type) => {
    if (type === 'SubLink' || type === 'RangeSubselect' || type === 'CommonTableExpr') nested++
    return undefined
  })
  return nested
}

function countOthers(select: TreeNode): number {
  let aggregates = 0
  walkOuter(select, (type, node) => {
    if (type === 'FuncCall' && AGGREGATES.has(lastName(node, 'funcname'))) aggregates++
  })
  const conditions = conditionsOf(select.whereClause)
  const tooMany = [aggregates, listOf(select, 'targetList').length, conditions, listOf(select, 'groupClause').length]
  return tooMany.filter((count) => count > 1).length
}

function conditionsOf(where: unknown): number {
  if (!isNode(where)) return 0
  const bool = asType(where, 'BoolExpr')
  if (bool === null) return 1
  return listOf(bool, 'args').reduce((sum, arg) => sum + conditionsOf(arg), 0)
}

function walkOuter(select: TreeNode, see: (type: string, node: TreeNode) => void): void {
  for (const [key, child] of Object.entries(select)) {
    if (key === 'withClause' || key === 'larg' || key === 'rarg') continue
    walk(
      child,
      (type, node) => {
        if (type === 'SubLink' || type === 'RangeSubselect') return false
        see(type, node)
        return undefined
      },
      key,
    )
  }
}
