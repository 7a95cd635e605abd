import * as z from 'zod'
import { ALERT_METRICS } from '../../shared/ops/alerts/figures.ts'
import { type AlertRule, COMPARISONS, listRules, saveRule } from '../../shared/ops/alerts/rules.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { RuleView, ruleView, SeverityView } from './alert-view.ts'

const SAMPLES_MAX = 1_000
const RESPONSE_MINUTES_MAX = 7 * 24 * 60

const Name = z.object({ name: z.string().regex(/^[a-z][a-z0-9_]{0,99}$/) })
const Body = z.strictObject({
  metric: z.enum(ALERT_METRICS).optional(),
  comparison: z.enum(COMPARISONS).optional(),
  threshold: z.number().optional(),
  severity: SeverityView.optional(),
  for_samples: z.int().min(1).max(SAMPLES_MAX).optional().meta({ description: 'Checks in a row that must find it' }),
  response_minutes: z.int().min(1).max(RESPONSE_MINUTES_MAX).optional(),
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
    const { for_samples: forSamples, response_minutes: responseMinutes, ...given } = c.req.valid('json')
    const [actor, at] = [callerOf(c, 'api'), clock.now()]
    const rule = await store.transaction(async (tx) => {
      const known = (await listRules(tx)).find((one) => one.name === name)
      const changed: AlertRule = {
        ...(known ?? newRule(name)),
        ...definedOf({ ...given, forSamples, responseMinutes }),
      }
      await saveRule(tx, changed, at, actor)
      const [before, after] = [known === undefined ? undefined : ruleView(known), ruleView(changed)]
      const entry = { at, actor, action: 'alert_rule.changed', target: `alert_rule:${name}`, before, after }
      await writeAudit(tx, { ...entry, requestId: c.var.requestId })
      return changed
    })
    return c.json(succeeded(c, 'alert_rule_changed', ruleView(rule)))
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
    responseMinutes: null,
    enabled: true,
  }
}

function definedOf(given: Partial<Record<string, unknown>>): Partial<AlertRule> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
