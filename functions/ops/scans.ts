import * as z from 'zod'
import { listScans } from '../../shared/ops/dirty-data/scan-store.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { ScanView, scanView } from './scan-view.ts'

const Query = z.object({ limit: limitUpTo(50, 10), cursor: CursorText.optional() })

export default createFunction().get(
  '/api/v1/ops/scans',
  describe({
    summary: 'Scans for dirty data that were made, newest first',
    tag: 'ops',
    answers: { 200: envelopeOf(z.object({ scans: z.array(ScanView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { limit, cursor } = c.req.valid('query')
    const page = await listScans(store, limit, cursor)
    const scans = page.scans.map((scan) => scanView(scan, c.var.language, clock.timeZone))
    return c.json(succeeded(c, 'ok', { scans, next_cursor: page.cursor }))
  },
)
