import type { Catalog } from '../catalog/catalog.ts'
import { sameRelation } from '../catalog/catalog.ts'
import { type Resolution, resolveNames } from './resolve.ts'
import type { BaseColumn, TableUse } from './scope.ts'
import { listOf, locationOf, nodeIf, nodesBelow, type Tree, type TreeNode, tagged, textsOf } from './tree.ts'

// Null for a null: a comparison with what they give is never true of a row that an outer join made up.
const STRICT_FUNCTION =
  /^(?:extract|date_part|date_trunc|lower|upper|length|char_length|abs|round|floor|ceil|btrim|timezone)$/
const STRICT_COMPARISONS: ReadonlySet<unknown> = new Set([
  'AEXPR_OP',
  'AEXPR_IN',
  'AEXPR_LIKE',
  'AEXPR_ILIKE',
  'AEXPR_BETWEEN',
])

/**
 * Byte offsets of joined tables where an outer join gives the same rows: because a foreign key that is never null
 * leads there and nothing else is asked, or because a later condition drops every row that finds none.
 */
export function totalJoins(
  tree: Tree,
  catalog: Catalog,
  names: Resolution = resolveNames(tree, catalog, true),
): ReadonlySet<number> {
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
  for (const location of rejectedJoins(tree, names)) total.add(location)
  return total
}

/** Joined tables of which a later inner join or the WHERE demands a value. */
function rejectedJoins(tree: Tree, names: Resolution): readonly number[] {
  return [...nodesBelow(tree.stmts)].flatMap(({ kind, node }) => {
    if (kind !== 'SelectStmt') return []
    return listOf(node.fromClause).flatMap((item) => rejectedIn(item, conjunctsOf(node.whereClause), names))
  })
}

/** Walks down the left side of a chain of joins, collecting what is asked of the rows that come out. */
function rejectedIn(item: unknown, demands: readonly unknown[], names: Resolution): readonly number[] {
  const found: number[] = []
  let asked = demands
  for (let join = nodeIf(item, 'JoinExpr'); join !== null; join = nodeIf(join.larg, 'JoinExpr')) {
    if (join.jointype !== 'JOIN_INNER' && join.jointype !== 'JOIN_LEFT') break
    const table = nodeIf(join.rarg, 'RangeVar')
    const use = table === null ? undefined : names.tables.find(({ location }) => location === locationOf(table))
    if (join.jointype === 'JOIN_INNER') {
      if (use !== undefined && asked.some((demand) => demandsValueOf(demand, use, names))) found.push(use.location)
      asked = [...asked, ...conjunctsOf(join.quals)]
    }
  }
  return found
}

function conjunctsOf(condition: unknown): readonly unknown[] {
  const conjunction = nodeIf(condition, 'BoolExpr')
  if (conjunction === null) return condition === undefined ? [] : [condition]
  return conjunction.boolop === 'AND_EXPR' ? listOf(conjunction.args).flatMap(conjunctsOf) : []
}

function demandsValueOf(condition: unknown, use: TableUse, names: Resolution): boolean {
  const test = nodeIf(condition, 'NullTest')
  if (test !== null) return test.nulltesttype === 'IS_NOT_NULL' && isValueOf(test.arg, use, names)
  const comparison = nodeIf(condition, 'A_Expr')
  if (comparison === null || !STRICT_COMPARISONS.has(comparison.kind)) return false
  return [comparison.lexpr, comparison.rexpr].some((side) => isValueOf(side, use, names))
}

/** A column of the table, or what a function gives that is null for it. */
function isValueOf(value: unknown, use: TableUse, names: Resolution): boolean {
  const found = tagged(value)
  if (found?.kind === 'ColumnRef') {
    const column = names.columns.find(({ location }) => location === locationOf(found.node))
    return column !== undefined && column.owners.length === 1 && column.owners[0]?.table === use
  }
  if (found?.kind === 'TypeCast') return isValueOf(found.node.arg, use, names)
  if (found?.kind !== 'FuncCall' || !STRICT_FUNCTION.test(textsOf(found.node.funcname).at(-1) ?? '')) return false
  return listOf(found.node.args).some((argument) => isValueOf(argument, use, names))
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
