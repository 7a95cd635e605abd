import * as z from 'zod'
import { once } from '../../shared/engine/idempotency.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { insertSnapshot } from '../../shared/workflow/snapshots/snapshot-store.ts'
import { ReasonText } from '../../shared/workflow/workflow-request.ts'
import { lockWorkflow } from '../../shared/workflow/workflow-store.ts'
import { SnapshotView, snapshotView } from '../../shared/workflow/workflow-view.ts'

const Body = z.strictObject({ reason: ReasonText.optional() })
const BY_HAND = { zh: '手动快照', en: 'Taken by hand' }

export default createFunction().post(
  '/api/v1/workflows/:id/snapshots',
  describe({
    summary: 'Take a snapshot of a workflow; one is taken before each change anyway',
    tag: 'workflows',
    answers: { 201: envelopeOf(SnapshotView) },
    problems: ['workflow_not_found', 'workflow_read_only', 'idempotency_conflict'],
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const id = c.req.param('id')
    const body = c.req.valid('json')
    const key = c.req.header('Idempotency-Key') ?? null
    const hash = sha256(JSON.stringify(['take-snapshot', id, body]))
    const { answer, repeated } = await once(platform, key, hash, async (tx) => {
      const workflow = await lockWorkflow(tx, id)
      const reason = body.reason ?? BY_HAND[c.var.language]
      const taken = { reason, at: platform.clock.now(), by: callerOf(c, 'api') }
      const snapshot = await insertSnapshot(tx, workflow, taken)
      return { status: 201, body: succeeded(c, 'snapshot_created', snapshotView(snapshot, platform.clock.timeZone)) }
    })
    if (repeated) c.header('Idempotent-Replayed', 'true')
    return c.json(answer.body as object, 201)
  },
)
