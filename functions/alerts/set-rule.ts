import * as z from 'zod'
import { type AlertRule, COMPARISONS, listRules, saveRule } from '../../shared/ops/alerts/rules.ts'
import { RATE_NAMES } from '../../shared/ops/metrics/node-metrics.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { RuleView, ruleView, SeverityView } from './alert-view.ts'

const Name = z.object({ name: z.string().regex(/^[a-z][a-z0-9_]{0,99}$/) })
const Body = z.strictObject({
  metric: z.enum(RATE_NAMES).optional(),
  comparison: z.enum(COMPARISONS).optional(),
  threshold: z.number().optional(),
  severity: SeverityView.optional(),
  enabled: z.boolean().optional(),
})

export default createFunction().put(
  '/api/v1/alerts/rules/:name',
  describe({
    summary: 'Change a rule, or add one; what is not given stays as it is',
    tag: 'alerts',
    answers: { 200: envelopeOf(RuleView) },
  }),
  validate('param', Name),
  validate('json', Body),
  async (c) => {
    const { store, clock } = c.env.platform
    const { name } = c.req.valid('param')
    const given = c.req.valid('json')
    const before = (await listRules(store)).find((rule) => rule.name === name) ?? newRule(name)
    const rule: AlertRule = { ...before, ...definedOf(given) }
    await saveRule(store, rule, clock.now(), callerOf(c, 'api'))
    return c.json(succeeded(c, 'ok', ruleView(rule)))
  },
)

function newRule(name: string): AlertRule {
  return {
    name,
    metric: 'sandbox_failure_rate',
    comparison: '>',
    threshold: 0.2,
    severity: 'P2',
    forSamples: 1,
    enabled: true,
  }
}

function definedOf(given: Partial<Record<string, unknown>>): Partial<AlertRule> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
