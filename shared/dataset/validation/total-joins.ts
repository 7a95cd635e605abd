import type { Catalog } from '../catalog/catalog.ts'
import { sameRelation } from '../catalog/catalog.ts'
import { resolveNames } from './resolve.ts'
import type { BaseColumn } from './scope.ts'
import { listOf, locationOf, nodeIf, nodesBelow, type Tree, type TreeNode, textsOf } from './tree.ts'

/**
 * Byte offsets of joined tables that every row finds, because a foreign key that is never null leads there and nothing
 * else is asked: an outer join gives the same rows.
 */
export function totalJoins(tree: Tree, catalog: Catalog): ReadonlySet<number> {
  const names = resolveNames(tree, catalog, true)
  const total = new Set<number>()
  for (const { kind, node } of nodesBelow(tree.stmts)) {
    const table = nodeIf(node.rarg, 'RangeVar')
    if (kind !== 'JoinExpr' || node.jointype !== 'JOIN_INNER' || table === null || hasOuterJoin(node.larg)) continue
    const relation = names.tables.find((use) => use.location === locationOf(table))?.relation
    const conditions = comparedPairs(node)
    if (relation === undefined || relation === null || conditions === null) continue
    const isTotal = catalog.foreignKeys.some(
      (key) =>
        sameRelation(key.to, relation) &&
        key.fromColumns.length === conditions &&
        key.fromColumns.every((column, index) =>
          names.equalities.some((pair) =>
            [pair, [pair[1], pair[0]] as const].some(
              ([from, to]) =>
                is(from, key.from, column) && from.column.notNull && is(to, key.to, key.toColumns[index] ?? ''),
            ),
          ),
        ),
    )
    if (isTotal) total.add(locationOf(table))
  }
  return total
}

function is({ relation, column }: BaseColumn, table: Parameters<typeof sameRelation>[0], name: string): boolean {
  return sameRelation(relation, table) && column.name === name
}

/** How many pairs of columns the join compares; null when it asks anything else. */
function comparedPairs(join: TreeNode): number | null {
  const using = textsOf(join.usingClause).length
  if (using > 0) return using
  const conjunction = nodeIf(join.quals, 'BoolExpr')
  if (conjunction !== null && conjunction.boolop !== 'AND_EXPR') return null
  const conditions = conjunction === null ? [join.quals] : listOf(conjunction.args)
  const plain = conditions.every((condition) => {
    const comparison = nodeIf(condition, 'A_Expr')
    const columns = [comparison?.lexpr, comparison?.rexpr].every((side) => nodeIf(side, 'ColumnRef') !== null)
    return comparison?.kind === 'AEXPR_OP' && textsOf(comparison.name).at(-1) === '=' && columns
  })
  return plain ? conditions.length : null
}

/** Left of it an outer join may have made the key null. */
function hasOuterJoin(root: unknown): boolean {
  return [...nodesBelow(root)].some(({ kind, node }) => kind === 'JoinExpr' && node.jointype !== 'JOIN_INNER')
}
