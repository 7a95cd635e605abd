import * as z from 'zod'
import { once } from '../../shared/engine/idempotency.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { createWorkflow, WORKFLOW_PROBLEMS } from '../../shared/workflow/change-workflow.ts'
import { definitionGiven } from '../../shared/workflow/definition-given.ts'
import { WORKFLOW_BODY } from '../../shared/workflow/definition-schema.ts'
import { WORKFLOW_ID } from '../../shared/workflow/graph/parse-workflow.ts'
import { DefinitionFields, ReasonText } from '../../shared/workflow/workflow-request.ts'
import { WorkflowView, workflowView } from '../../shared/workflow/workflow-view.ts'
import { yamlBody } from '../../shared/workflow/yaml-body.ts'

const Body = z.strictObject({
  id: z.string().regex(WORKFLOW_ID).optional().meta({ description: 'Made from the name when it is left out' }),
  copy_of: z.string().max(100).optional().meta({ description: 'A workflow to begin with: `data_pipeline`' }),
  reason: ReasonText.optional(),
  ...DefinitionFields,
})

export default createFunction().post(
  '/api/v1/workflows',
  describe({
    summary: 'Create a workflow, of its own or as a copy of another',
    tag: 'workflows',
    body: WORKFLOW_BODY,
    answers: { 201: envelopeOf(WorkflowView) },
    problems: ['workflow_not_found', 'workflow_exists', 'idempotency_conflict', ...WORKFLOW_PROBLEMS],
  }),
  yamlBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const body = c.req.valid('json')
    const by = callerOf(c, 'api')
    const change = { by, language: c.var.language, requestId: c.var.requestId, reason: body.reason }
    const key = c.req.header('Idempotency-Key') ?? null
    const hash = sha256(JSON.stringify(['create-workflow', body]))
    const { answer, repeated } = await once(platform, key, hash, async (tx) => {
      const definition = await definitionGiven(tx, body)
      const { workflow, warnings } = await createWorkflow(platform, tx, { id: body.id, definition }, change)
      const data = workflowView(workflow, platform.clock.timeZone, warnings)
      return { status: 201, body: succeeded(c, 'workflow_created', data) }
    })
    const { data } = answer.body as { data: z.infer<typeof WorkflowView> }
    if (repeated) c.header('Idempotent-Replayed', 'true')
    c.header('ETag', data.etag)
    c.header('Location', `/api/v1/workflows/${data.id}`)
    return c.json(answer.body as object, 201)
  },
)
