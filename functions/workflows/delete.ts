import * as z from 'zod'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { deleteWorkflow } from '../../shared/workflow/delete-workflow.ts'
import { ReasonText } from '../../shared/workflow/workflow-request.ts'

const Query = z.object({
  force: z.enum(['true', 'false']).optional().meta({ description: 'Also when ended tasks have run it' }),
  reason: ReasonText.optional().meta({ description: 'Kept with the snapshot of what it was before' }),
})

const Deleted = z.object({
  id: z.string(),
  version: z.int(),
  snapshot_id: z.int().meta({ description: 'What POST …/rollback brings back' }),
  tasks: z.int().meta({ description: 'Tasks that have run it; they keep their versions' }),
})

export default createFunction().delete(
  '/api/v1/workflows/:id',
  describe({
    summary: 'Take a workflow out of use; for seven days a rollback brings it back',
    tag: 'workflows',
    answers: { 200: envelopeOf(Deleted) },
    problems: ['workflow_not_found', 'workflow_read_only', 'workflow_in_use', 'workflow_changed'],
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { force, reason } = c.req.valid('query')
    const deletion = { ifMatch: c.req.header('If-Match'), force: force === 'true' }
    const change = { by: callerOf(c, 'api'), language: c.var.language, requestId: c.var.requestId, reason }
    const { workflow, snapshot, tasks } = await platform.store.transaction((tx) =>
      deleteWorkflow(platform, tx, c.req.param('id'), deletion, change),
    )
    const { id, version } = workflow
    return c.json(succeeded(c, 'workflow_deleted', { id, version, snapshot_id: snapshot.id, tasks }))
  },
)
