import * as z from 'zod'
import { silenceAlert } from '../../shared/ops/alerts/alerts.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { AlertParam } from './alert-param.ts'
import { AlertView, alertView } from './alert-view.ts'

const Body = z.strictObject({
  minutes: z
    .int()
    .min(1)
    .max(30 * 24 * 60)
    .default(60),
})

export default createFunction().post(
  '/api/v1/alerts/:id/silence',
  describe({
    summary: 'Silence an alert for a while',
    tag: 'alerts',
    answers: { 200: envelopeOf(AlertView) },
    problems: ['alert_not_found'],
  }),
  validate('param', AlertParam),
  validate('json', Body),
  async (c) => {
    const { store, clock } = c.env.platform
    const until = new Date(clock.now().getTime() + c.req.valid('json').minutes * 60_000)
    const alert = await silenceAlert(store, c.req.valid('param').id, until)
    return c.json(succeeded(c, 'ok', alertView(alert, clock.timeZone)))
  },
)
