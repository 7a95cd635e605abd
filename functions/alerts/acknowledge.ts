import { acknowledgeAlert } from '../../shared/ops/alerts/alerts.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { AlertParam } from './alert-param.ts'
import { AlertView, alertView } from './alert-view.ts'

export default createFunction().post(
  '/api/v1/alerts/:id/ack',
  describe({
    summary: 'Say that somebody sees to an alert: it is told no more, unless it ends',
    tag: 'alerts',
    answers: { 200: envelopeOf(AlertView) },
    problems: ['alert_not_found'],
  }),
  validate('param', AlertParam),
  async (c) => {
    const { store, clock } = c.env.platform
    const { id } = c.req.valid('param')
    const [actor, at] = [callerOf(c, 'api'), clock.now()]
    const alert = await store.transaction(async (tx) => {
      const acknowledged = await acknowledgeAlert(tx, id, actor, at)
      const after = { status: acknowledged.status }
      const target = `alert:${id}`
      await writeAudit(tx, { at, actor, action: 'alert.acknowledged', target, after, requestId: c.var.requestId })
      return acknowledged
    })
    return c.json(succeeded(c, 'alert_acknowledged', alertView(alert, clock.timeZone, c.var.language)))
  },
)
