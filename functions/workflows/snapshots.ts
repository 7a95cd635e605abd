import * as z from 'zod'
import { encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor, positionIn } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { listSnapshots } from '../../shared/workflow/snapshots/snapshot-store.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'
import { SnapshotView, snapshotView } from '../../shared/workflow/workflow-view.ts'

const Query = z.object({ limit: limitUpTo(200, 50), cursor: CursorText.optional() })

export default createFunction().get(
  '/api/v1/workflows/:id/snapshots',
  describe({
    summary: 'The snapshots of a workflow, newest first',
    tag: 'workflows',
    answers: { 200: envelopeOf(z.object({ snapshots: z.array(SnapshotView), next_cursor: NextCursor })) },
    problems: ['workflow_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { limit, cursor } = c.req.valid('query')
    const { id } = await loadWorkflow(store, c.req.param('id'))
    const found = await listSnapshots(store, id, positionIn(cursor), limit + 1)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const next = found.length > limit && last !== undefined ? encodeCursor([last.id]) : null
    const snapshots = page.map((snapshot) => snapshotView(snapshot, clock.timeZone))
    return c.json(succeeded(c, 'ok', { snapshots, next_cursor: next }))
  },
)
