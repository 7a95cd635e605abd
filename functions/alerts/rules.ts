import * as z from 'zod'
import { listRules } from '../../shared/ops/alerts/rules.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { RuleView, ruleView } from './alert-view.ts'

export default createFunction().get(
  '/api/v1/alerts/rules',
  describe({
    summary: 'The rules by which alerts are raised',
    tag: 'alerts',
    answers: { 200: envelopeOf(z.object({ rules: z.array(RuleView) })) },
  }),
  async (c) => {
    const rules = (await listRules(c.env.platform.store)).map(ruleView)
    return c.json(succeeded(c, 'ok', { rules }))
  },
)
