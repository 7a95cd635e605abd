import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { withSyntaxChecked } from '../../shared/workflow/check-syntax.ts'
import { DEFINITION_BODY } from '../../shared/workflow/definition-schema.ts'
import { parseNodeBody, sortedFindings } from '../../shared/workflow/node-body.ts'
import { FindingView } from '../../shared/workflow/node-view.ts'

const Validated = z.object({
  valid: z.boolean(),
  findings: z.array(FindingView),
  definition: z.looseObject({}).nullable().meta({ description: 'In its canonical form' }),
})

export default createFunction().post(
  '/api/v1/nodes/validate',
  describe({
    summary: 'Check a definition without keeping it: every mistake at once, with its path and line',
    tag: 'nodes',
    body: DEFINITION_BODY,
    answers: { 200: envelopeOf(Validated) },
    problems: ['payload_too_large'],
  }),
  async (c) => {
    const { language } = c.var
    const parsed = parseNodeBody(await c.req.text(), language)
    const { definition, findings } = await withSyntaxChecked(c.env.platform.sandbox, parsed, language)
    const data: z.infer<typeof Validated> = {
      valid: definition !== null,
      findings: [...sortedFindings(findings)],
      definition: definition === null ? null : { ...definition },
    }
    return c.json(succeeded(c, definition === null ? 'node_not_valid' : 'node_valid', data))
  },
)
