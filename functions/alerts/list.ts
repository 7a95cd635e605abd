import * as z from 'zod'
import { ALERT_STATUSES, listAlerts } from '../../shared/ops/alerts/alerts.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { AlertView, alertView } from './alert-view.ts'

const Query = z.object({
  status: z.enum(ALERT_STATUSES).optional(),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/alerts',
  describe({
    summary: 'Alerts, newest first',
    tag: 'alerts',
    answers: { 200: envelopeOf(z.object({ alerts: z.array(AlertView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { status, limit, cursor } = c.req.valid('query')
    const page = await listAlerts(store, status, limit, cursor ?? null)
    const alerts = page.alerts.map((alert) => alertView(alert, clock.timeZone, c.var.language))
    return c.json(succeeded(c, 'ok', { alerts, next_cursor: page.cursor }))
  },
)
