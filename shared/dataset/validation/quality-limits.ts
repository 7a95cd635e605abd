import type { Source } from '../../platform/source.ts'
import type { Pair } from '../pair.ts'
import type { Looked, RelationFacts } from './quality-data.ts'
import type { ComparedLiteral } from './quality-literals.ts'
import type { Limit } from './quality-measures.ts'
import type { ValidationLimits } from './validate-pair.ts'

export interface Bounds {
  readonly source: Pick<Source, 'stopsStatements'>
  readonly limits: ValidationLimits
  readonly pairs: readonly Pair[]
  readonly facts: readonly RelationFacts[]
  readonly literals: readonly Looked<ComparedLiteral>[]
  readonly literalsFound: number
  /** Pairs whose mutants were run. */
  readonly sharpnessSampled: number
  readonly hasLlm: boolean
  /** Pairs in the file of those that read empty tables. */
  readonly pairsOnEmptyTables: number
}

/** What bounded this run or stood in for something better, so that nobody takes a figure for more than it is. */
export function limitsThatStruck(bounds: Bounds): readonly Limit[] {
  const { source, limits, pairs, facts, literals, literalsFound, sharpnessSampled, hasLlm, pairsOnEmptyTables } = bounds
  const capped = pairs.filter(({ rows }) => (rows ?? 0) >= limits.rowsMax).length
  const unread = facts.filter(({ read }) => !read).map(({ name }) => name)
  const sampled = facts.filter((one) => one.sampled).map(({ name }) => name)
  const unanswered = literals.filter(({ found }) => found === null).length
  const empty = facts.filter(({ rows, read }) => rows === 0 && read).length
  const struck: [string, boolean, string][] = [
    ['no_llm', !hasLlm, 'Questions, documents and repairs come from rules alone'],
    ['source_can_not_stop', !source.stopsStatements, 'Statements of a high planned cost were refused rather than run'],
    [
      'database_empty',
      facts.length > 0 && empty === facts.length,
      `None of the ${facts.length} relations has a row, so that no pair can be proved by its result`,
    ],
    [
      'pairs_on_empty_tables',
      pairsOnEmptyTables > 0,
      `${pairsOnEmptyTables} pairs read empty tables; they are in pairs_on_empty_tables.json`,
    ],
    ['rows_capped', capped > 0, `${capped} pairs have more rows than the ${limits.rowsMax} that were read`],
    [
      'sharpness_sampled',
      sharpnessSampled < pairs.length,
      `${sharpnessSampled} of ${pairs.length} pairs had mutants run`,
    ],
    ['relations_unread', unread.length > 0, listed(unread)],
    ['relations_sampled', sampled.length > 0, listed(sampled)],
    [
      'literals_not_looked_up',
      literalsFound > literals.length,
      `${literals.length} of ${literalsFound} were looked up`,
    ],
    ['literals_unanswered', unanswered > 0, `${unanswered} could not be looked up in time`],
  ]
  return struck.filter(([, applies]) => applies).map(([name, , detail]) => ({ name, detail }))
}

const NAMES_MAX = 20

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : ''
  return `${names.slice(0, NAMES_MAX).join(', ')}${more}`
}
