import * as z from 'zod'
import { listCleanups } from '../../shared/ops/dirty-data/cleanup-store.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { CleanupView, cleanupView } from './cleanup-view.ts'

const Query = z.object({
  task_id: FilterText.optional(),
  limit: limitUpTo(50, 20),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/ops/cleanups',
  describe({
    summary: 'Clean-ups that were planned, executed or rolled back, newest first',
    tag: 'ops',
    answers: { 200: envelopeOf(z.object({ cleanups: z.array(CleanupView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { task_id: taskId, limit, cursor } = c.req.valid('query')
    const page = await listCleanups(store, { limit, cursor, taskId })
    const cleanups = page.cleanups.map((cleanup) => cleanupView(cleanup, c.var.language, clock.timeZone))
    return c.json(succeeded(c, 'ok', { cleanups, next_cursor: page.cursor }))
  },
)
