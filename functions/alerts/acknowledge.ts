import { acknowledgeAlert } from '../../shared/ops/alerts/alerts.ts'
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
    summary: 'Say that somebody sees to an alert',
    tag: 'alerts',
    answers: { 200: envelopeOf(AlertView) },
    problems: ['alert_not_found'],
  }),
  validate('param', AlertParam),
  async (c) => {
    const { store, clock } = c.env.platform
    const alert = await acknowledgeAlert(store, c.req.valid('param').id, callerOf(c, 'api'))
    return c.json(succeeded(c, 'ok', alertView(alert, clock.timeZone)))
  },
)
