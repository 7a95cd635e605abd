import type { Catalog } from '../catalog/catalog.ts'
import type { Pair } from '../pair.ts'
import { featuresOf } from '../questions/features.ts'
import { hardnessOf } from '../questions/hardness.ts'
import { tablesOf } from '../questions/usage.ts'
import { type RepairTools, repairPair } from './repair/repair-pair.ts'
import type { Modification } from './summary.ts'
import { type PairVerdict, validatePair } from './validate-pair.ts'

/** What became of a pair: in the file afterwards, or dropped with its reason. */
export type CheckedPair =
  | { readonly kind: 'kept'; readonly pair: Pair }
  | { readonly kind: 'repaired'; readonly pair: Pair; readonly modification: Modification; readonly tokens: number }
  | { readonly kind: 'dropped'; readonly modification: Modification; readonly tokens: number }

/** Validates a pair on the source and, where it is broken, tries to mend it. A pair that passes keeps its SQL to the letter. */
export async function checkPair(tools: RepairTools, pair: Pair): Promise<CheckedPair> {
  const verdict = await validatePair(tools.source, tools.parser, pair, tools.limits)
  if (verdict.kind === 'valid' && !verdict.allNull) {
    return { kind: 'kept', pair: { ...(await classified(tools, pair)), status: 'valid', rows: verdict.rows } }
  }
  if (verdict.kind !== 'broken') return dropped(pair, verdict, '', 0)
  const outcome = await repairPair(tools, pair, verdict)
  const tokens = outcome.inputTokens + outcome.outputTokens
  if (outcome.kind === 'unrepaired') return dropped(pair, verdict, outcome.llmProblem ?? '', tokens)
  if (outcome.verdict.allNull) return dropped(pair, outcome.verdict, '', tokens)
  const mended = { ...(await classified(tools, outcome.pair)), status: 'repaired' as const, rows: outcome.verdict.rows }
  const modification: Modification = {
    kind: 'repaired',
    pair,
    reason: verdict.class,
    detail: verdict.message,
    repairedSql: mended.sql,
    how: outcome.how,
  }
  return { kind: 'repaired', pair: mended, modification, tokens }
}

/** Tables, features and hardness as the SQL shows them, whoever wrote it. */
async function classified(tools: { parser: RepairTools['parser']; catalog: Catalog }, pair: Pair): Promise<Pair> {
  const tree = await tools.parser.parse(pair.sql)
  return { ...pair, tables: [...tablesOf(tree, tools.catalog)], features: featuresOf(tree), hardness: hardnessOf(tree) }
}

function dropped(pair: Pair, verdict: PairVerdict, note: string, tokens: number): CheckedPair {
  const reason = verdict.kind === 'broken' ? verdict.class : verdict.kind === 'empty' ? 'empty' : 'all_null'
  const told = verdict.kind === 'broken' ? verdict.message : ''
  const detail = [told, note].filter((text) => text !== '').join('; ')
  return { kind: 'dropped', modification: { kind: 'dropped', pair, reason, detail }, tokens }
}
