import * as z from 'zod'
import type { Decision } from './decide.ts'

const CheckView = z.object({
  name: z.enum(['completeness', 'boundary', 'safety']),
  passed: z.boolean(),
  message: z.string(),
  found: z.array(z.string()),
})

const CandidateView = z.object({
  kind: z.enum(['node', 'step', 'workflow']),
  name: z.string(),
  version: z.string().nullable(),
  description: z.string(),
  score: z.number(),
  meaning: z.number(),
  signature: z.number().nullable().meta({ description: 'Share of the stated inputs and outputs; null when none are' }),
  matched: z.array(z.string()),
})

export const DecisionView = z.object({
  action: z.enum(['use_existing', 'create_dynamic_node', 'reject']),
  reason: z.string(),
  reasons: z.array(z.string()),
  rule: z.string(),
  checks: z.array(CheckView),
  missing: z.array(z.string()),
  candidates: z.array(CandidateView),
  use: CandidateView.nullable(),
  draft: z.looseObject({}).nullable().meta({ description: 'A definition that validates, for POST /api/v1/nodes' }),
  drafted_by: z.enum(['llm', 'template', 'skeleton']).nullable(),
  template: z.string().nullable(),
})

export function decisionView(decision: Decision): z.infer<typeof DecisionView> {
  const { action, reasons, rule, checks, missing, candidates, use, draft } = decision
  const candidate = (one: Decision['candidates'][number]) => ({ ...one, matched: [...one.matched] })
  return {
    action,
    reason: reasons[0] ?? '',
    reasons: [...reasons],
    rule,
    checks: checks.map(({ name, passed, message, found }) => ({ name, passed, message, found: [...found] })),
    missing: [...missing],
    candidates: candidates.map(candidate),
    use: use === null ? null : candidate(use),
    draft: draft === null ? null : { ...draft.definition },
    drafted_by: draft?.by ?? null,
    template: draft?.template ?? null,
  }
}
