import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { decide } from '../../shared/workflow/coordinator/decide.ts'
import { DecisionView, decisionView } from '../../shared/workflow/coordinator/decision-view.ts'
import type { Json } from '../../shared/workflow/definition/definition.ts'

const Body = z.strictObject({
  user_request: z.string().trim().min(1).max(4000).meta({ description: 'What is wanted, in Chinese or English' }),
  context: z
    .union([z.string().max(20_000), z.record(z.string(), z.unknown())])
    .nullish()
    .meta({ description: '`inputs` and `outputs`: names, fields, or a map of types or examples' }),
})

export default createFunction().post(
  '/api/v1/coordinator/decide',
  describe({
    summary: 'Decide what a request needs: a node that exists, a new one (with a draft), or nothing of the kind',
    tag: 'coordinator',
    answers: { 200: envelopeOf(DecisionView) },
  }),
  validate('json', Body),
  async (c) => {
    const { user_request, context } = c.req.valid('json')
    const request = { text: user_request, ...(context == null ? {} : { context: context as Json }) }
    const decision = await decide(c.env.platform, request, c.var.language)
    return c.json(succeeded(c, 'decided', decisionView(decision)))
  },
)
