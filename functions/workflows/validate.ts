import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { checkWorkflow } from '../../shared/workflow/change-workflow.ts'
import type { Json } from '../../shared/workflow/definition/definition.ts'
import { WORKFLOW_BODY } from '../../shared/workflow/definition-schema.ts'
import { FindingView } from '../../shared/workflow/node-view.ts'
import { DefinitionFields, definitionIn } from '../../shared/workflow/workflow-request.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'
import { yamlBody } from '../../shared/workflow/yaml-body.ts'

const Body = z.strictObject(DefinitionFields)

const Validation = z.object({
  valid: z.boolean(),
  findings: z.array(FindingView),
  order: z.array(z.string()).nullable().meta({ description: 'The nodes in the order in which they may run' }),
  levels: z.array(z.array(z.string())).nullable().meta({ description: 'Nodes that may run side by side' }),
  edges: z.array(z.object({ source: z.string(), target: z.string(), via: z.string(), path: z.string() })),
})

export default createFunction().post(
  '/api/v1/workflows/:id/validate',
  describe({
    summary: 'Everything that is wrong with a workflow, or with what the body would make of it; nothing is stored',
    tag: 'workflows',
    body: WORKFLOW_BODY,
    answers: { 200: envelopeOf(Validation) },
    problems: ['workflow_not_found'],
  }),
  optionalBody,
  yamlBody,
  validate('json', Body),
  async (c) => {
    const { store } = c.env.platform
    const workflow = await loadWorkflow(store, c.req.param('id'))
    const given = definitionIn(c.req.valid('json')) ?? (workflow.definition as unknown as Json)
    const { findings, graph } = await checkWorkflow(store, given, c.var.language, {
      id: workflow.id,
      held: workflow.frozen,
    })
    const valid = !findings.some(({ severity }) => severity === 'error')
    const data: z.infer<typeof Validation> = {
      valid,
      findings: [...findings],
      order: graph?.order?.slice() ?? null,
      levels: graph?.levels?.map((level) => [...level]) ?? null,
      edges: [...(graph?.dependencies ?? [])],
    }
    return c.json(succeeded(c, valid ? 'workflow_valid' : 'workflow_invalid', data))
  },
)
