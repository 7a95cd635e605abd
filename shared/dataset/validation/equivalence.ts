import type { Catalog, Relation } from '../catalog/catalog.ts'
import { type Resolution, resolveNames } from './resolve.ts'
import type { TableUse } from './scope.ts'
import { totalJoins } from './total-joins.ts'
import { listOf, locationOf, nodeIf, nodesBelow, type Tree, type TreeNode, textsOf } from './tree.ts'

/** Places of a statement where a change can't change its result on any data, by the bytes at which they begin. */
export interface Equivalences {
  /** Names of joined tables: an outer join gives the same rows. */
  readonly joins: ReadonlySet<number>
  /** What a DISTINCT stands before: the rows differ anyway. */
  readonly distincts: ReadonlySet<number>
  /** Conditions that every row meets. */
  readonly predicates: ReadonlySet<number>
  /** What is ordered by, where the direction makes no difference. */
  readonly orders: ReadonlySet<number>
}

/** Nothing is known without a catalog. */
export const NO_EQUIVALENCES: Equivalences = {
  joins: new Set(),
  distincts: new Set(),
  predicates: new Set(),
  orders: new Set(),
}

const AGGREGATE = /^(?:count|sum|avg|min|max)$/

/** What keys and NOT NULL prove of a statement; a place that is not listed may be equivalent all the same. */
export function equivalencesOf(tree: Tree, catalog: Catalog): Equivalences {
  const names = resolveNames(tree, catalog, true)
  const [distincts, predicates, orders] = [new Set<number>(), new Set<number>(), new Set<number>()]
  for (const { kind, node } of nodesBelow(tree.stmts)) {
    if (kind === 'SelectStmt') {
      for (const place of needlessDistincts(node, names)) distincts.add(place)
      for (const place of needlessNullTests(node, names)) predicates.add(place)
      if (hasOneRow(node)) for (const place of orderPlaces(node.sortClause)) orders.add(place)
    }
    if (kind === 'FuncCall' && isMedian(node)) for (const place of orderPlaces(node.agg_order)) orders.add(place)
  }
  return { joins: totalJoins(tree, catalog, names), distincts, predicates, orders }
}

/** `count(DISTINCT x)` where a key makes each x of a group another one; `SELECT DISTINCT` of rows that hold a key. */
function needlessDistincts(select: TreeNode, names: Resolution): readonly number[] {
  const places: number[] = []
  const joined = joinedTables(select, names)
  if (joined === null) return []
  const groups = columnsIn(select.groupClause, names)
  for (const item of listOf(select.targetList)) {
    const call = nodeIf(nodeIf(item, 'ResTarget')?.val, 'FuncCall')
    const argument = nodeIf(listOf(call?.args)[0], 'ColumnRef')
    if (call?.agg_distinct !== true || argument === null) continue
    const held = [...groups, ...columnsIn([{ ColumnRef: argument }], names)]
    if (joined.tables.some((table) => holdsKeyOf(table, held, joined, false))) places.push(locationOf(argument))
  }
  if (listOf(select.distinctClause).length > 0 && select.groupClause === undefined) {
    const targets = listOf(select.targetList).map((item) => nodeIf(item, 'ResTarget')?.val)
    const held = columnsIn(targets, names)
    const first = locationOf(nodeIf(targets[0], 'ColumnRef') ?? {})
    if (joined.tables.some((table) => holdsKeyOf(table, held, joined, true))) places.push(first)
  }
  return places
}

interface HeldColumn {
  readonly table: TableUse
  readonly column: string
}

interface Joined {
  readonly tables: readonly TableUse[]
  readonly equalities: readonly (readonly [HeldColumn, HeldColumn])[]
}

/** Whether the columns name at most one row of the join: a key of the table, and no other table multiplies its rows. */
function holdsKeyOf(table: TableUse, held: readonly HeldColumn[], joined: Joined, wholeRow: boolean): boolean {
  const same = (one: HeldColumn, other: HeldColumn) => one.table === other.table && one.column === other.column
  const known = (column: string) => {
    const wanted = { table, column }
    return held.some(
      (one) =>
        same(one, wanted) ||
        joined.equalities.some(
          ([left, right]) => (same(left, one) && same(right, wanted)) || (same(right, one) && same(left, wanted)),
        ),
    )
  }
  if (!keysOf(table.relation, wholeRow).some((key) => key.every(known))) return false
  const reached = new Set([table])
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    for (const other of joined.tables) {
      const compared = joined.equalities.flatMap(([left, right]) => {
        if (left.table === other && reached.has(right.table)) return [left.column]
        return right.table === other && reached.has(left.table) ? [right.column] : []
      })
      if (keysOf(other.relation, false).some((key) => key.every((column) => compared.includes(column))))
        reached.add(other)
    }
  }
  return joined.tables.every((other) => reached.has(other))
}

/**
 * Keys by their columns. Those with nulls, which a key does not tell apart, only where nulls do not count: a single
 * column, unless whole rows are compared.
 */
function keysOf(relation: Relation | null, wholeRow: boolean): readonly (readonly string[])[] {
  if (relation === null) return []
  const keys = [relation.primaryKey, ...relation.uniques].flatMap((key) => (key === null ? [] : [key.columns]))
  return keys.filter(
    (columns) =>
      columns.length > 0 &&
      ((columns.length === 1 && !wholeRow) ||
        columns.every((name) => relation.columns.some((column) => column.name === name && column.notNull))),
  )
}

/** The tables of a FROM that is one table or a chain of inner joins; null for anything else. */
function joinedTables(select: TreeNode, names: Resolution): Joined | null {
  const from = listOf(select.fromClause)
  if (from.length !== 1) return null
  const tables: TableUse[] = []
  const equalities: (readonly [HeldColumn, HeldColumn])[] = []
  const stack = [from[0]]
  while (stack.length > 0) {
    const item = stack.pop()
    const join = nodeIf(item, 'JoinExpr')
    const table = nodeIf(item, 'RangeVar')
    const use = table === null ? undefined : names.tables.find(({ location }) => location === locationOf(table))
    if (use !== undefined) tables.push(use)
    else if (join?.jointype === 'JOIN_INNER') {
      stack.push(join.larg, join.rarg)
      equalities.push(...equalitiesOf(join.quals, names))
    } else return null
  }
  return { tables, equalities }
}

function equalitiesOf(condition: unknown, names: Resolution): readonly (readonly [HeldColumn, HeldColumn])[] {
  const conjunction = nodeIf(condition, 'BoolExpr')
  if (conjunction?.boolop === 'AND_EXPR') return listOf(conjunction.args).flatMap((arg) => equalitiesOf(arg, names))
  const comparison = nodeIf(condition, 'A_Expr')
  if (comparison?.kind !== 'AEXPR_OP' || textsOf(comparison.name).at(-1) !== '=') return []
  const [left, right] = [columnsIn([comparison.lexpr], names)[0], columnsIn([comparison.rexpr], names)[0]]
  return left === undefined || right === undefined ? [] : [[left, right]]
}

/** The plain columns of a list, each with the table that it is of. */
function columnsIn(list: unknown, names: Resolution): readonly HeldColumn[] {
  return listOf(list).flatMap((item) => {
    const node = nodeIf(item, 'ColumnRef')
    const use = node === null ? undefined : names.columns.find(({ location }) => location === locationOf(node))
    const table = use?.owners.length === 1 ? use.owners[0]?.table : null
    return use === undefined || table === null || table === undefined ? [] : [{ table, column: use.name }]
  })
}

/** `x IS NOT NULL` of a column that is never null, where no outer join makes it so. */
function needlessNullTests(select: TreeNode, names: Resolution): readonly number[] {
  if (joinedTables(select, names) === null) return []
  const conjunction = nodeIf(select.whereClause, 'BoolExpr')
  const conditions = conjunction?.boolop === 'AND_EXPR' ? listOf(conjunction.args) : [select.whereClause]
  return conditions.flatMap((condition) => {
    const test = nodeIf(condition, 'NullTest')
    const column = nodeIf(test?.arg, 'ColumnRef')
    if (test?.nulltesttype !== 'IS_NOT_NULL' || column === null) return []
    const base = names.columns.find(({ location }) => location === locationOf(column))?.base[0]
    return base?.column.notNull === true ? [locationOf(column)] : []
  })
}

/** Aggregates without groups give one row, in any order. */
function hasOneRow(select: TreeNode): boolean {
  const targets = listOf(select.targetList).map((item) => nodeIf(nodeIf(item, 'ResTarget')?.val, 'FuncCall'))
  const aggregates = targets.every(
    (call) => call !== null && call.over === undefined && AGGREGATE.test(textsOf(call.funcname).at(-1) ?? ''),
  )
  return select.groupClause === undefined && targets.length > 0 && aggregates
}

/** The middle of the values is the middle from either end. */
function isMedian(call: TreeNode): boolean {
  const share = nodeIf(listOf(call.args)[0], 'A_Const')?.fval
  const value = typeof share === 'object' && share !== null && 'fval' in share ? Number(share.fval) : Number.NaN
  return textsOf(call.funcname).at(-1) === 'percentile_cont' && value === 0.5
}

function orderPlaces(clause: unknown): readonly number[] {
  return listOf(clause).flatMap((item) => {
    const locations = [...nodesBelow(nodeIf(item, 'SortBy')?.node)].map(({ node }) => locationOf(node))
    const known = locations.filter((location) => location > 0)
    return known.length === 0 ? [] : [Math.min(...known)]
  })
}
