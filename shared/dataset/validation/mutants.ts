import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Equivalences, equivalencesOf, NO_EQUIVALENCES } from './equivalence.ts'
import { literalChanges } from './literal-mutants.ts'
import { resolveNames } from './resolve.ts'
import { roleChanges } from './role-mutants.ts'
import { type Edit, edited, endOfClause, isWord, type Token, tokenAt, tokensOf } from './tokens.ts'
import {
  listOf,
  locationOf,
  nodeIf,
  nodesBelow,
  nodesOf,
  type Tagged,
  type Tree,
  type TreeNode,
  textsOf,
} from './tree.ts'

export type MutationKind =
  | 'drop_predicate'
  | 'change_aggregate'
  | 'flip_order'
  | 'inner_to_left'
  | 'change_literal'
  | 'change_comparison'
  | 'drop_distinct'
  | 'change_limit'
  | 'swap_key_role'

export interface Mutant {
  readonly kind: MutationKind
  readonly sql: string
}

const AGGREGATES: Readonly<Record<string, string>> = { sum: 'avg', avg: 'sum', min: 'max', max: 'min' }
const COMPARISONS: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '=': '<>' }
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

type Proposal = readonly [MutationKind, readonly Edit[]]

/**
 * Small changes that a good question and its data tell from the original, kinds in turn, at most `max`.
 * @param catalog leaves out changes that its keys prove to make no difference, and knows the keys to swap
 */
export async function mutantsOf(
  parser: SqlParser,
  sql: string,
  max: number,
  catalog?: Catalog,
): Promise<readonly Mutant[]> {
  const tree = await parser.parse(sql)
  const tokens = tokensOf(sql)
  const known = catalog === undefined ? NO_EQUIVALENCES : equivalencesOf(tree, catalog)
  const proposals: Proposal[] = [
    ...[...nodesBelow(tree.stmts)].flatMap((found) => proposalsFor(tokens, found, known)),
    ...textProposals(tokens, known),
    ...orderProposals(tokens, tree, known),
    ...(catalog === undefined ? [] : roleProposals(tokens, tree, catalog)),
  ]
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

function proposalsFor(tokens: readonly Token[], { kind, node }: Tagged, known: Equivalences): readonly Proposal[] {
  if (kind === 'FuncCall' && node.over === undefined) {
    const name = textsOf(node.funcname).at(-1) ?? ''
    const token = tokens[tokenAt(tokens, locationOf(node))]
    const other = AGGREGATES[name]
    if (token === undefined) return []
    if (other !== undefined) return [['change_aggregate', [{ start: token.start, end: token.end, text: other }]]]
  }
  if (kind === 'BoolExpr' && node.boolop === 'AND_EXPR') {
    return listOf(node.args).map((arg): Proposal => ['drop_predicate', replacedPredicate(tokens, arg, known)])
  }
  if (kind === 'A_Expr' && node.kind === 'AEXPR_OP') return comparisonChanges(tokens, node)
  if (kind === 'A_Const')
    return literalChanges(tokens, node).map(({ kind: change, edits }): Proposal => [change, edits])
  return []
}

/** What is at least becomes more than, what is equal becomes what is not; two columns are compared to be joined. */
function comparisonChanges(tokens: readonly Token[], { lexpr, rexpr, ...node }: TreeNode): readonly Proposal[] {
  const token = tokens[tokenAt(tokens, locationOf(node))]
  const other = COMPARISONS[token?.text ?? '']
  const isJoin = token?.text === '=' && nodeIf(lexpr, 'ColumnRef') !== null && nodeIf(rexpr, 'ColumnRef') !== null
  if (token === undefined || other === undefined || isJoin) return []
  return [['change_comparison', [{ start: token.start, end: token.end, text: other }]]]
}

function textProposals(tokens: readonly Token[], known: Equivalences): readonly Proposal[] {
  const proposals: Proposal[] = []
  for (const [index, token] of tokens.entries()) {
    const [before, next] = [tokens[index - 1], tokens[index + 1]]
    if (isWord(token, 'where', 'having') && next !== undefined) {
      const last = endOfClause(tokens, index + 1, FROM_ENDS)
      const end = tokens[last - 1]?.end
      const single = endOfClause(tokens, index + 1, PREDICATE_ENDS) === last
      const met = single && known.predicates.has(next.byte)
      if (end !== undefined && !met) proposals.push(['drop_predicate', [{ start: next.start, end, text: 'true' }]])
    }
    const distinct = isWord(token, 'distinct') && !known.distincts.has(next?.byte ?? -1)
    if (distinct && (before?.text === '(' || (isWord(before, 'select') && !isWord(next, 'on')))) {
      proposals.push(['drop_distinct', [{ start: token.start, end: token.end, text: '' }]])
    }
    const plainJoin = isWord(token, 'join') && !isWord(before, 'left', 'right', 'full', 'outer', 'cross', 'natural')
    if (plainJoin && !known.joins.has(next?.byte ?? -1)) {
      const start = isWord(before, 'inner') ? (before?.start ?? token.start) : token.start
      proposals.push(['inner_to_left', [{ start, end: token.end, text: 'left join' }]])
    }
  }
  return proposals
}

/** Each element of an ORDER BY the other way round, whether its direction is said or not. */
function orderProposals(tokens: readonly Token[], tree: Tree, known: Equivalences): readonly Proposal[] {
  return nodesOf(tree.stmts, 'SortBy').flatMap((sort): Proposal[] => {
    const location = firstLocation(sort.node)
    const start = tokenAt(tokens, location)
    if (start === -1 || known.orders.has(location)) return []
    const stop = endOfClause(tokens, start, [',', 'asc', 'desc', 'nulls', 'rows', 'range', ...FROM_ENDS])
    const [last, said] = [tokens[stop - 1], tokens[stop]]
    if (isWord(said, 'asc', 'desc') && said !== undefined) {
      return [['flip_order', [{ start: said.start, end: said.end, text: isWord(said, 'asc') ? 'desc' : 'asc' }]]]
    }
    return last === undefined ? [] : [['flip_order', [{ start: last.end, end: last.end, text: ' desc' }]]]
  })
}

function roleProposals(tokens: readonly Token[], tree: Tree, catalog: Catalog): readonly Proposal[] {
  const names = resolveNames(tree, catalog, true)
  return nodesOf(tree.stmts, 'A_Expr').flatMap((comparison) =>
    roleChanges(tokens, comparison, names, catalog).map((edits): Proposal => ['swap_key_role', edits]),
  )
}

/** One side of an AND becomes `true`. */
function replacedPredicate(tokens: readonly Token[], arg: unknown, known: Equivalences): readonly Edit[] {
  const location = firstLocation(arg)
  const start = tokenAt(tokens, location)
  if (start === -1 || known.predicates.has(location) || nodeIf(arg, 'SubLink') !== null) return []
  const between = nodeIf(arg, 'A_Expr')?.kind === 'AEXPR_BETWEEN'
  let stop = endOfClause(tokens, start, PREDICATE_ENDS)
  if (between) stop = endOfClause(tokens, stop, PREDICATE_ENDS)
  const [first, last] = [tokens[start], tokens[stop - 1]]
  return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end, text: 'true' }]
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
function inTurn(proposals: readonly Proposal[]): readonly Proposal[] {
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
