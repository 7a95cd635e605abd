import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Edit, edited, endOfClause, isWord, type Token, tokenAt, tokensOf } from './tokens.ts'
import { totalJoins } from './total-joins.ts'
import { listOf, locationOf, nodeIf, nodesBelow, type Tagged, type Tree, type TreeNode, textsOf } from './tree.ts'

export type MutationKind =
  | 'drop_predicate'
  | 'change_aggregate'
  | 'flip_order'
  | 'inner_to_left'
  | 'change_literal'
  | 'drop_distinct'
  | 'change_limit'

export interface Mutant {
  readonly kind: MutationKind
  readonly sql: string
}

const AGGREGATES: Readonly<Record<string, string>> = { sum: 'avg', avg: 'sum', min: 'max', max: 'min' }
const FROM_ENDS = [
  'where',
  'group',
  'having',
  'window',
  'order',
  'limit',
  'offset',
  'fetch',
  'union',
  'intersect',
  'except',
]
const PREDICATE_ENDS = ['and', 'or', ...FROM_ENDS]

/**
 * Small changes that a good question and its data tell from the original, kinds in turn, at most `max`.
 * @param catalog leaves out outer joins that can't differ, because a key that is never null leads to the joined table
 */
export async function mutantsOf(
  parser: SqlParser,
  sql: string,
  max: number,
  catalog?: Catalog,
): Promise<readonly Mutant[]> {
  const tree = await parser.parse(sql)
  const tokens = tokensOf(sql)
  const proposals: [MutationKind, readonly Edit[]][] = [...nodesBelow(tree.stmts)].flatMap((found) =>
    proposalsFor(tokens, found),
  )
  const total = catalog === undefined ? new Set<number>() : totalJoins(tree, catalog)
  proposals.push(...textProposals(tokens, tree, total))
  const originals = new Set([sql])
  const mutants: Mutant[] = []
  for (const [kind, edits] of inTurn(proposals)) {
    if (mutants.length >= max) break
    const changed = edited(sql, edits)
    if (originals.has(changed) || !(await parses(parser, changed))) continue
    originals.add(changed)
    mutants.push({ kind, sql: changed })
  }
  return mutants
}

function proposalsFor(tokens: readonly Token[], { kind, node }: Tagged): [MutationKind, readonly Edit[]][] {
  if (kind === 'FuncCall' && node.over === undefined) {
    const name = textsOf(node.funcname).at(-1) ?? ''
    const token = tokens[tokenAt(tokens, locationOf(node))]
    const other = AGGREGATES[name]
    if (token === undefined) return []
    if (other !== undefined) return [['change_aggregate', [{ start: token.start, end: token.end, text: other }]]]
  }
  if (kind === 'BoolExpr' && node.boolop === 'AND_EXPR') {
    return listOf(node.args).map((arg): [MutationKind, Edit[]] => ['drop_predicate', replacedPredicate(tokens, arg)])
  }
  if (kind === 'A_Const') return literalProposals(tokens, node)
  return []
}

function textProposals(
  tokens: readonly Token[],
  tree: Tree,
  total: ReadonlySet<number>,
): [MutationKind, readonly Edit[]][] {
  const proposals: [MutationKind, readonly Edit[]][] = []
  for (const [index, token] of tokens.entries()) {
    const [before, next] = [tokens[index - 1], tokens[index + 1]]
    if (isWord(token, 'where', 'having') && next !== undefined) {
      const end = tokens[endOfClause(tokens, index + 1, FROM_ENDS) - 1]?.end
      if (end !== undefined) proposals.push(['drop_predicate', [{ start: next.start, end, text: 'true' }]])
    }
    if (isWord(token, 'distinct') && isWord(before, 'select') && !isWord(next, 'on')) {
      proposals.push(['drop_distinct', [{ start: token.start, end: token.end, text: '' }]])
    }
    if (isWord(token, 'distinct') && before?.text === '(') {
      proposals.push(['drop_distinct', [{ start: token.start, end: token.end, text: '' }]])
    }
    const plainJoin = isWord(token, 'join') && !isWord(before, 'left', 'right', 'full', 'outer', 'cross', 'natural')
    if (plainJoin && !total.has(next?.byte ?? -1)) {
      const start = isWord(before, 'inner') ? (before?.start ?? token.start) : token.start
      proposals.push(['inner_to_left', [{ start, end: token.end, text: 'left join' }]])
    }
    if (isWord(token, 'desc')) proposals.push(['flip_order', [{ start: token.start, end: token.end, text: 'asc' }]])
    if (isWord(token, 'asc')) proposals.push(['flip_order', [{ start: token.start, end: token.end, text: 'desc' }]])
  }
  return [...proposals, ...unspokenOrders(tokens, tree)]
}

/** `order by a` without a direction. */
function unspokenOrders(tokens: readonly Token[], tree: Tree): [MutationKind, Edit[]][] {
  return [...nodesBelow(tree.stmts)].flatMap(({ kind, node }): [MutationKind, Edit[]][] => {
    if (kind !== 'SortBy' || node.sortby_dir !== 'SORTBY_DEFAULT') return []
    const start = tokenAt(tokens, firstLocation(node.node))
    const end =
      start === -1
        ? undefined
        : tokens[endOfClause(tokens, start, [',', 'nulls', 'rows', 'range', ...FROM_ENDS]) - 1]?.end
    return end === undefined ? [] : [['flip_order', [{ start: end, end, text: ' desc' }]]]
  })
}

/** One side of an AND becomes `true`. */
function replacedPredicate(tokens: readonly Token[], arg: unknown): Edit[] {
  const start = tokenAt(tokens, firstLocation(arg))
  if (start === -1 || nodeIf(arg, 'SubLink') !== null) return []
  const between = nodeIf(arg, 'A_Expr')?.kind === 'AEXPR_BETWEEN'
  let stop = endOfClause(tokens, start, PREDICATE_ENDS)
  if (between) stop = endOfClause(tokens, stop, PREDICATE_ENDS)
  const [first, last] = [tokens[start], tokens[stop - 1]]
  return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end, text: 'true' }]
}

/** A number one higher, a text that is nowhere. Numbers that stand for a column of the result are left alone. */
function literalProposals(tokens: readonly Token[], constant: TreeNode): [MutationKind, Edit[]][] {
  const index = tokenAt(tokens, locationOf(constant))
  const [before, token] = [tokens[index - 1], tokens[index]]
  if (token === undefined) return []
  const limit = isWord(before, 'limit', 'first', 'offset')
  if (token.kind === 'number' && (limit || /^(?:[=<>]|[<>!]=|<>|between|and|in)$/i.test(before?.text ?? ''))) {
    const text = String(Number(token.text) + 1)
    return [[limit ? 'change_limit' : 'change_literal', [{ start: token.start, end: token.end, text }]]]
  }
  const compared = /^(?:=|<>|!=|like|ilike|in|\()$/i.test(before?.text ?? '') && token.text.startsWith("'")
  if (!compared || (before?.text === '(' && !isWord(tokens[index - 2], 'in'))) return []
  if (/^'[-\d:. ]+'$/.test(token.text)) return [] // a date: its neighbour may be no date
  return [['change_literal', [{ start: token.start, end: token.end, text: "'helix-mutant'" }]]]
}

function firstLocation(root: unknown): number {
  const locations = [...nodesBelow(root)].flatMap(({ kind, node }) =>
    /^(?:ColumnRef|A_Const|FuncCall|CaseExpr|CoalesceExpr|NullTest|A_Expr|TypeCast)$/.test(kind) && locationOf(node) > 0
      ? [locationOf(node)]
      : [],
  )
  return locations.length === 0 ? -1 : Math.min(...locations)
}

/** One of each kind before a second of any. */
function inTurn<T>(proposals: readonly [MutationKind, T][]): [MutationKind, T][] {
  const counts = new Map<MutationKind, number>()
  const ranked = proposals.map((proposal) => {
    const rank = counts.get(proposal[0]) ?? 0
    counts.set(proposal[0], rank + 1)
    return { proposal, rank }
  })
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ proposal }) => proposal)
}

async function parses(parser: SqlParser, sql: string): Promise<boolean> {
  return await parser.parse(sql).then(
    () => true,
    () => false,
  )
}
