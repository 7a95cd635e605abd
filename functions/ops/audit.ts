import * as z from 'zod'
import { listAudit } from '../../shared/platform/audit.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor, positionIn } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Query = z.object({
  actor: FilterText.optional(),
  action: FilterText.optional(),
  target: FilterText.optional(),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

const EntryView = z.object({
  id: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  request_id: z.string().nullable(),
})

export default createFunction().get(
  '/api/v1/ops/audit',
  describe({
    summary: 'Changes by people and repairs: who, when, why, before and after; newest first',
    tag: 'ops',
    answers: { 200: envelopeOf(z.object({ entries: z.array(EntryView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { limit, cursor, ...filter } = c.req.valid('query')
    const { entries, next } = await listAudit(store, filter, limit, positionIn(cursor))
    const views = entries.map(({ at, requestId, ...entry }) => {
      return { ...entry, at: localTime(at, clock.timeZone), request_id: requestId }
    })
    return c.json(succeeded(c, 'ok', { entries: views, next_cursor: next === null ? null : encodeCursor([next]) }))
  },
)
