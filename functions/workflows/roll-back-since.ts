import * as z from 'zod'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { instantOf, TimeText } from '../../shared/platform/time-text.ts'
import { rollBackSince } from '../../shared/workflow/snapshots/roll-back-since.ts'
import { ReasonText } from '../../shared/workflow/workflow-request.ts'
import { RollbackView, rollbackView } from '../../shared/workflow/workflow-view.ts'

const Body = z.strictObject({ since: TimeText, reason: ReasonText.optional() })

const Batch = z.object({
  rolled_back: z.array(RollbackView),
  skipped: z.array(z.object({ workflow_id: z.string(), reason: z.enum(['created_since', 'no_snapshot', 'failed']) })),
  more: z.boolean().meta({ description: 'Whether the same call again would roll back further ones' }),
})

export default createFunction().post(
  '/api/v1/workflows/rollback',
  describe({
    summary: 'Give every workflow that was changed since a time the state that it had then',
    tag: 'workflows',
    answers: { 200: envelopeOf(Batch) },
  }),
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const { since, reason } = c.req.valid('json')
    const change = { by: callerOf(c, 'api'), language: c.var.language, requestId: c.var.requestId, reason }
    const { rolledBack, skipped, more } = await rollBackSince(
      platform,
      instantOf(since, platform.clock.timeZone),
      change,
    )
    const data: z.infer<typeof Batch> = {
      rolled_back: rolledBack.map(rollbackView),
      skipped: skipped.map(({ workflowId, reason: why }) => ({ workflow_id: workflowId, reason: why })),
      more,
    }
    return c.json(succeeded(c, 'workflows_rolled_back', data))
  },
)
