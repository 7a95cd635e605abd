import * as z from 'zod'
import { once } from '../../shared/engine/idempotency.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { rollBack } from '../../shared/workflow/snapshots/rollback.ts'
import { ReasonText } from '../../shared/workflow/workflow-request.ts'
import { RollbackView, rollbackView, WorkflowView, workflowView } from '../../shared/workflow/workflow-view.ts'

const Body = z.strictObject({
  snapshot_id: z
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .nullish()
    .meta({ description: 'The state before the last change, when it is left out' }),
  reason: ReasonText.optional(),
  remove_invalid_nodes: z
    .boolean()
    .default(false)
    .meta({ description: 'Takes out nodes that no longer exist or are disabled, with their edges' }),
})

const RolledBack = RollbackView.extend({ workflow: WorkflowView })

export default createFunction().post(
  '/api/v1/workflows/:id/rollback',
  describe({
    summary: 'Give a workflow the state of a snapshot again, as a new version',
    tag: 'workflows',
    answers: { 200: envelopeOf(RolledBack) },
    problems: [
      'workflow_not_found',
      'snapshot_not_found',
      'workflow_read_only',
      'nothing_to_roll_back',
      'workflow_changed',
      'idempotency_conflict',
    ],
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const id = c.req.param('id')
    const body = c.req.valid('json')
    const change = { by: callerOf(c, 'api'), language: c.var.language, requestId: c.var.requestId, reason: body.reason }
    const request = {
      snapshotId: body.snapshot_id ?? undefined,
      cause: 'manual' as const,
      removeInvalidNodes: body.remove_invalid_nodes,
      ifMatch: c.req.header('If-Match'),
    }
    const key = c.req.header('Idempotency-Key') ?? null
    const hash = sha256(JSON.stringify(['roll-back', id, body]))
    const { answer, repeated } = await once(platform, key, hash, async (tx) => {
      const rollback = await rollBack(platform, tx, id, request, change)
      const workflow = workflowView(rollback.workflow, platform.clock.timeZone)
      return { status: 200, body: succeeded(c, 'workflow_rolled_back', { ...rollbackView(rollback), workflow }) }
    })
    const { data } = answer.body as { data: z.infer<typeof RolledBack> }
    if (repeated) c.header('Idempotent-Replayed', 'true')
    c.header('ETag', data.workflow.etag)
    return c.json(answer.body as object, 200)
  },
)
