import * as z from 'zod'
import { silenceAlert } from '../../shared/ops/alerts/alerts.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { AlertParam } from './alert-param.ts'
import { AlertView, alertView } from './alert-view.ts'

const Body = z.strictObject({
  minutes: z
    .int()
    .min(1)
    .max(30 * 24 * 60)
    .default(60),
  reason: z.string().max(1000).optional().meta({ description: 'For the audit log' }),
})

export default createFunction().post(
  '/api/v1/alerts/:id/silence',
  describe({
    summary: 'Silence an alert for a while; it is told again afterwards, if it is still so',
    tag: 'alerts',
    answers: { 200: envelopeOf(AlertView) },
    problems: ['alert_not_found'],
  }),
  validate('param', AlertParam),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { store, clock } = c.env.platform
    const { id } = c.req.valid('param')
    const { minutes, reason } = c.req.valid('json')
    const [actor, at, target] = [callerOf(c, 'api'), clock.now(), `alert:${id}`]
    const until = new Date(at.getTime() + minutes * 60_000)
    const alert = await store.transaction(async (tx) => {
      const silenced = await silenceAlert(tx, id, until)
      const entry = { at, actor, action: 'alert.silenced', target, after: { until }, reason: reason ?? null }
      await writeAudit(tx, { ...entry, requestId: c.var.requestId })
      return silenced
    })
    return c.json(succeeded(c, 'alert_silenced', alertView(alert, clock.timeZone, c.var.language)))
  },
)
