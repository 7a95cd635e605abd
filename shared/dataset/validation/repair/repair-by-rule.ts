import { type SqlParser, SqlSyntaxError } from '../../../platform/sql-parser.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Failure } from '../failure.ts'
import { resolveNames } from '../resolve.ts'
import { tokensOf } from '../tokens.ts'
import type { Tree } from '../tree.ts'
import { comparedWithThemselves } from './compared-with.ts'
import { TEXT_RULES, TREE_RULES } from './rules.ts'

export interface Candidate {
  readonly sql: string
  /** Names of the rules that made it, in order. */
  readonly rules: readonly string[]
}

const CANDIDATES_MAX = 8 // each costs an execution

// Where a fault of the text or of a name can show itself. Anything else (time, permission, size) no rule can cure.
const CURABLE: ReadonlySet<string> = new Set([
  'syntax',
  'unknown_table',
  'unknown_column',
  'unknown_function',
  'ambiguous',
  'type_mismatch',
  'missing_group_by',
])

/** Statements that may be what was meant, the likeliest first. Each must be proved before it is believed. */
export async function repairByRule(
  sql: string,
  failure: Failure,
  catalog: Catalog,
  parser: SqlParser,
): Promise<readonly Candidate[]> {
  if (!CURABLE.has(failure.class)) return []
  let candidates: Candidate[] = [{ sql, rules: [] }]
  for (const rule of TEXT_RULES) {
    candidates = candidates.flatMap((candidate) => {
      const context = { sql: candidate.sql, tokens: tokensOf(candidate.sql), catalog, failure }
      return extended(candidate, rule.name, rule.propose(context))
    })
  }
  for (const rule of TREE_RULES) {
    const next: Candidate[] = []
    for (const candidate of candidates) {
      const tree = await parsed(parser, candidate.sql)
      if (tree === null) continue
      const names = resolveNames(tree, catalog)
      const context = { sql: candidate.sql, tokens: tokensOf(candidate.sql), catalog, failure, tree, names }
      next.push(...extended(candidate, rule.name, rule.propose(context)))
    }
    candidates = distinct(next).slice(0, CANDIDATES_MAX)
  }
  return await likeliestFirst(
    parser,
    candidates.filter((candidate) => candidate.sql !== sql),
  )
}

/** A column compared with itself is true of every row: such a candidate would pass, and be wrong. */
async function likeliestFirst(parser: SqlParser, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
  const trees = await Promise.all(candidates.map(({ sql }) => parsed(parser, sql)))
  const doubts = new Map(candidates.map((one, index) => [one, comparedWithThemselves(trees[index] ?? { stmts: [] })]))
  return candidates.toSorted((one, other) => (doubts.get(one) ?? 0) - (doubts.get(other) ?? 0))
}

/** Without a proposal the candidate stays as it is. */
function extended(candidate: Candidate, rule: string, proposals: readonly string[]): Candidate[] {
  if (proposals.length === 0) return [candidate]
  const rules = candidate.rules.includes(rule) ? candidate.rules : [...candidate.rules, rule]
  return proposals.map((sql) => ({ sql, rules }))
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.toReversed().map((candidate) => [candidate.sql, candidate])).values()].toReversed()
}

async function parsed(parser: SqlParser, sql: string): Promise<Tree | null> {
  try {
    return await parser.parse(sql)
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null
    throw error
  }
}
