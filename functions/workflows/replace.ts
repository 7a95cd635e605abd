import * as z from 'zod'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { replaceWorkflow, WORKFLOW_PROBLEMS } from '../../shared/workflow/change-workflow.ts'
import { definitionGiven } from '../../shared/workflow/definition-given.ts'
import { WORKFLOW_BODY } from '../../shared/workflow/definition-schema.ts'
import { DefinitionFields, ReasonText } from '../../shared/workflow/workflow-request.ts'
import { WorkflowView, workflowView } from '../../shared/workflow/workflow-view.ts'
import { yamlBody } from '../../shared/workflow/yaml-body.ts'

const Body = z.strictObject({
  reason: ReasonText.optional().meta({ description: 'Kept with the snapshot of what it was before' }),
  ...DefinitionFields,
})

export default createFunction().put(
  '/api/v1/workflows/:id',
  describe({
    summary: 'Give a workflow a new version; with If-Match, only while it is the one that was read',
    tag: 'workflows',
    body: WORKFLOW_BODY,
    answers: { 200: envelopeOf(WorkflowView) },
    problems: ['workflow_not_found', 'workflow_read_only', 'workflow_changed', ...WORKFLOW_PROBLEMS],
  }),
  yamlBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const { reason, ...body } = c.req.valid('json')
    const id = c.req.param('id')
    const ifMatch = c.req.header('If-Match') ?? '*'
    const change = { by: callerOf(c, 'api'), language: c.var.language, requestId: c.var.requestId, reason }
    const { workflow, changed, warnings } = await platform.store.transaction(async (tx) => {
      const definition = await definitionGiven(tx, body)
      return await replaceWorkflow(platform, tx, id, { definition, ifMatch }, change)
    })
    const data = workflowView(workflow, platform.clock.timeZone, warnings)
    c.header('ETag', data.etag)
    return c.json(succeeded(c, changed ? 'workflow_changed' : 'workflow_unchanged', data))
  },
)
