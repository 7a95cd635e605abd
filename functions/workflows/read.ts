import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { etagOf, loadWorkflow } from '../../shared/workflow/workflow-store.ts'
import { WorkflowView, workflowView } from '../../shared/workflow/workflow-view.ts'

const VERSION_MAX = 2_147_483_647 // what the column holds

const Query = z.object({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(VERSION_MAX)
    .optional()
    .meta({ description: 'As it was; the present one when left out' }),
})

export default createFunction().get(
  '/api/v1/workflows/:id',
  describe({
    summary: 'A workflow with its definition; its ETag is what a change must name',
    tag: 'workflows',
    answers: { 200: envelopeOf(WorkflowView) },
    problems: ['workflow_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const workflow = await loadWorkflow(store, c.req.param('id'), c.req.valid('query').version)
    const etag = etagOf(workflow)
    c.header('ETag', etag)
    const known = c.req.header('If-None-Match')?.split(',') ?? []
    if (known.some((tag) => tag.trim().replace(/^W\//, '') === etag)) return c.body(null, 304)
    return c.json(succeeded(c, 'ok', workflowView(workflow, clock.timeZone)))
  },
)
