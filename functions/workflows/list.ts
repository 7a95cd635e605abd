import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { listWorkflows } from '../../shared/workflow/workflow-store.ts'
import { WorkflowSummaryView, workflowSummaryView } from '../../shared/workflow/workflow-view.ts'

const Query = z.object({
  q: FilterText.optional().meta({ description: 'Found in the id, the name or the description' }),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/workflows',
  describe({
    summary: 'Workflows: the built-in one, then the newest first',
    tag: 'workflows',
    answers: { 200: envelopeOf(z.object({ workflows: z.array(WorkflowSummaryView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { q, limit, cursor } = c.req.valid('query')
    const page = await listWorkflows(store, { q, limit, cursor: cursor ?? null })
    const workflows = page.workflows.map((workflow) => workflowSummaryView(workflow, clock.timeZone))
    return c.json(succeeded(c, 'ok', { workflows, next_cursor: page.cursor }))
  },
)
