import type { Column, Relation } from '../catalog/catalog.ts'
import type { PairReading } from './quality-reading.ts'
import { lookUpBase, type Resolution } from './resolve.ts'
import { listOf, nodeIf, nodesBelow, type Tagged, type TreeNode, tagged, textsOf } from './tree.ts'

/** A constant that a statement compares with a column. */
export interface ComparedLiteral {
  readonly relation: Relation
  readonly column: Column
  /** What has to hold for some row, so that the constant is of this data: `=`, `>=`, `ILIKE`, `~`, … */
  readonly operator: string
  readonly text: string
  /** The constant stands in a WHERE, so that the question must find rows by it. */
  readonly inWhere: boolean
}

/** The constants that a pair compares with plain columns, each once. Those compared with expressions can't be looked up. */
export function comparedLiterals({ tree, names }: Pick<PairReading, 'tree' | 'names'>): readonly ComparedLiteral[] {
  const inWhere = new Set<TreeNode>()
  for (const { kind, node } of nodesBelow(tree.stmts)) {
    if (kind !== 'SelectStmt') continue
    for (const below of nodesBelow(node.whereClause)) inWhere.add(below.node)
  }
  const found = new Map<string, ComparedLiteral>()
  for (const item of nodesBelow(tree.stmts)) {
    for (const literal of literalsOf(item, names)) {
      const compared = { ...literal, inWhere: inWhere.has(item.node) }
      const key = JSON.stringify([nameOf(compared), compared.operator, compared.text, compared.inWhere])
      found.set(key, compared)
    }
  }
  return [...found.values()]
}

/** The constants of all pairs, each comparison once. */
export function distinctLiterals(readings: readonly PairReading[]): readonly ComparedLiteral[] {
  const found = new Map<string, ComparedLiteral>()
  for (const literal of readings.flatMap((reading) => comparedLiterals(reading))) {
    const key = JSON.stringify([nameOf(literal), literal.operator, literal.text])
    if (literal.inWhere || !found.has(key)) found.set(key, literal)
  }
  return [...found.values()]
}

type Bare = Omit<ComparedLiteral, 'inWhere'>

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }
// A negated comparison speaks of the same value as the plain one.
const PLAIN: Readonly<Record<string, string>> = {
  '<>': '=',
  '!=': '=',
  '~~': 'LIKE',
  '!~~': 'LIKE',
  '~~*': 'ILIKE',
  '!~~*': 'ILIKE',
  '!~': '~',
  '!~*': '~*',
}
const OPERATORS: ReadonlySet<string> = new Set(['=', '<', '>', '<=', '>=', '~', '~*', 'LIKE', 'ILIKE'])

function literalsOf({ kind, node }: Tagged, names: Resolution): Bare[] {
  if (kind === 'BooleanTest')
    return flag(node.arg, String(node.booltesttype).endsWith('FALSE') ? 'false' : 'true', names)
  if (kind === 'BoolExpr') {
    const said = node.boolop === 'NOT_EXPR' ? 'false' : 'true'
    return listOf(node.args).flatMap((part) => flag(part, said, names))
  }
  if (kind === 'SelectStmt') return flag(node.whereClause, 'true', names)
  if (kind === 'CaseWhen') return flag(node.expr, 'true', names)
  if (kind === 'FuncCall') return flag(node.agg_filter, 'true', names)
  return kind === 'A_Expr' ? comparisonOf(node, names) : []
}

function comparisonOf(node: TreeNode, names: Resolution): Bare[] {
  const written = textsOf(node.name).at(-1) ?? ''
  const operator = PLAIN[written] ?? written
  if (node.kind === 'AEXPR_IN') return each(node.lexpr, listOf(nodeIf(node.rexpr, 'List')?.items), '=', names)
  if (node.kind === 'AEXPR_OP_ANY' && operator === '=') {
    return each(node.lexpr, listOf(nodeIf(node.rexpr, 'A_ArrayExpr')?.elements), '=', names)
  }
  if (node.kind === 'AEXPR_BETWEEN') {
    const [from, to] = listOf(nodeIf(node.rexpr, 'List')?.items)
    return [...each(node.lexpr, [from], '>=', names), ...each(node.lexpr, [to], '<=', names)]
  }
  if (!OPERATORS.has(operator)) return []
  const plain = each(node.lexpr, [node.rexpr], operator, names)
  return plain.length > 0 ? plain : each(node.rexpr, [node.lexpr], FLIPPED[operator] ?? operator, names)
}

function each(side: unknown, values: readonly unknown[], operator: string, names: Resolution): Bare[] {
  const column = nodeIf(side, 'ColumnRef')
  const base = column === null ? null : lookUpBase(names, column)
  if (base === null) return []
  return values.flatMap((value) => {
    const text = constantOf(value)
    return text === null ? [] : [{ ...base, operator, text }]
  })
}

function flag(value: unknown, text: string, names: Resolution): Bare[] {
  const column = nodeIf(value, 'ColumnRef')
  const base = column === null ? null : lookUpBase(names, column)
  return base?.column.category === 'B' ? [{ ...base, operator: '=', text }] : []
}

/** A constant's value as text, also behind a cast; null for null and for what is no constant. */
function constantOf(value: unknown): string | null {
  const found = tagged(value)
  if (found?.kind === 'TypeCast') return constantOf(found.node.arg)
  if (found?.kind !== 'A_Const') return null
  const { ival, fval, sval, boolval } = found.node as Record<string, Record<string, unknown> | undefined>
  if (ival !== undefined) return String(ival.ival ?? 0) // the tree leaves out what is zero, empty or false
  if (fval !== undefined) return String(fval.fval ?? 0)
  if (sval !== undefined) return String(sval.sval ?? '')
  return boolval === undefined ? null : String(boolval.boolval ?? false)
}

function nameOf({ relation, column }: Bare): readonly string[] {
  return [relation.schema, relation.name, column.name]
}
