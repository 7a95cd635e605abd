import type { Llm } from '../../../platform/llm.ts'
import { Problem } from '../../../platform/problems.ts'
import type { Source } from '../../../platform/source.ts'
import type { SqlParser } from '../../../platform/sql-parser.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Pair } from '../../pair.ts'
import { type PairVerdict, type ValidationLimits, validatePair } from '../validate-pair.ts'
import { repairByRule } from './repair-by-rule.ts'
import { repairWithLlm } from './repair-with-llm.ts'

export interface RepairTools {
  readonly source: Source
  readonly parser: SqlParser
  readonly catalog: Catalog
  readonly limits: ValidationLimits
  /** Null where no model is configured or the task forbids it. */
  readonly llm: Llm | null
  /** DDL of the tables that the pair may need; asked for only when the model is. */
  readonly schemaText: (pair: Pair) => string
  readonly signal?: AbortSignal
}

export type RepairOutcome =
  | {
      readonly kind: 'repaired'
      /** The pair with its new SQL and the status `repaired`; its id stays, its tables and features are the caller's to renew. */
      readonly pair: Pair
      readonly verdict: Extract<PairVerdict, { kind: 'valid' }>
      readonly by: 'rule' | 'llm'
      /** Names of the rules, or of the model. */
      readonly how: string
      readonly inputTokens: number
      readonly outputTokens: number
    }
  | {
      readonly kind: 'unrepaired'
      /** Of the pair as it is now. */
      readonly verdict: Exclude<PairVerdict, { kind: 'valid' }>
      /** Why the model could not be asked, when it could not. */
      readonly llmProblem: string | null
      readonly inputTokens: number
      readonly outputTokens: number
    }

type Broken = Extract<PairVerdict, { kind: 'broken' }>

const ROUNDS_MAX = 2

/**
 * Tries to mend a broken pair, by rules first, then by the model: at most two rounds. Never called for a pair that
 * passed, so that those stay as they are.
 */
export async function repairPair(tools: RepairTools, pair: Pair, failure: Broken): Promise<RepairOutcome> {
  const tokens = { inputTokens: 0, outputTokens: 0 }
  let [current, broken]: [Pair, Broken] = [pair, failure]
  let last: Exclude<PairVerdict, { kind: 'valid' }> = failure
  for (let round = 0; round < ROUNDS_MAX; round++) {
    tools.signal?.throwIfAborted()
    const candidates = await repairByRule(current.sql, broken, tools.catalog, tools.parser)
    let next: readonly [Pair, Broken] | null = null
    for (const { sql, rules } of candidates) {
      const verdict = await validatePair(tools.source, tools.parser, { sql }, tools.limits)
      if (isGood(verdict)) return { ...repaired(pair, sql, verdict), by: 'rule', how: rules.join(', '), ...tokens }
      if (verdict.kind === 'empty') last = verdict
      // A candidate that fails differently got further: the second round goes on from there.
      if (verdict.kind === 'broken' && verdict.message !== broken.message) next ??= [{ ...current, sql }, verdict]
    }
    if (tools.llm !== null && failure.class !== 'refused') {
      const asked = await askModel(tools, tools.llm, current, broken, tokens)
      if (asked.kind === 'problem') return { kind: 'unrepaired', verdict: last, llmProblem: asked.message, ...tokens }
      if (asked.kind === 'valid') return { ...asked.outcome, ...tokens }
      next = asked.next ?? next
    }
    if (next === null) break
    ;[current, broken] = next
  }
  return { kind: 'unrepaired', verdict: last, llmProblem: null, ...tokens }
}

type Asked =
  | { kind: 'problem'; message: string }
  | { kind: 'valid'; outcome: Omit<Extract<RepairOutcome, { kind: 'repaired' }>, 'inputTokens' | 'outputTokens'> }
  | { kind: 'other'; next: readonly [Pair, Broken] | null }

async function askModel(
  tools: RepairTools,
  llm: Llm,
  pair: Pair,
  broken: Broken,
  tokens: { inputTokens: number; outputTokens: number },
): Promise<Asked> {
  try {
    const answer = await repairWithLlm(llm, pair, broken, tools.schemaText(pair), pair.language, tools.signal)
    tokens.inputTokens += answer.inputTokens
    tokens.outputTokens += answer.outputTokens
    const verdict = await validatePair(tools.source, tools.parser, answer, tools.limits)
    if (isGood(verdict))
      return { kind: 'valid', outcome: { ...repaired(pair, answer.sql, verdict), by: 'llm', how: llm.model } }
    return { kind: 'other', next: verdict.kind === 'broken' ? [{ ...pair, sql: answer.sql }, verdict] : null }
  } catch (error) {
    // The rules' work must not be lost because a service is down; the report says that it was.
    if (error instanceof Problem && error.code === 'llm_failed') return { kind: 'problem', message: error.message }
    throw error
  }
}

function isGood(verdict: PairVerdict): verdict is Extract<PairVerdict, { kind: 'valid' }> {
  return verdict.kind === 'valid' && !verdict.allNull
}

function repaired(pair: Pair, sql: string, verdict: Extract<PairVerdict, { kind: 'valid' }>) {
  return { kind: 'repaired', pair: { ...pair, sql, status: 'repaired', rows: verdict.rows }, verdict } as const
}
