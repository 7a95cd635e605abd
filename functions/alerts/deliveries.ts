import * as z from 'zod'
import { readAlert } from '../../shared/ops/alerts/alerts.ts'
import { CHANNELS } from '../../shared/ops/alerts/channels/channel.ts'
import { DELIVERY_STATES, reportDeliveries } from '../../shared/ops/alerts/delivery-report.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { AlertParam } from './alert-param.ts'

const ChannelView = z.object({
  channel: z.enum(CHANNELS),
  state: z.enum(DELIVERY_STATES),
  reason: z.string().meta({ description: 'Why it was told, or was not' }),
})

const DeliveryView = z.object({
  message_id: z.string().meta({ description: 'What the receiver got as Idempotency-Key' }),
  channel: z.enum(CHANNELS),
  kind: z.enum(['firing', 'resolved']),
  status: z.enum(['taken', 'retrying', 'sent', 'dropped']),
  attempts: z.int(),
  reason: z.string().nullable(),
  created_at: z.string(),
  sent_at: z.string().nullable(),
  next_at: z.string().nullable(),
})

export default createFunction().get(
  '/api/v1/alerts/:id/deliveries',
  describe({
    summary: 'On which channels an alert was told, and where not, why',
    tag: 'alerts',
    answers: { 200: envelopeOf(z.object({ channels: z.array(ChannelView), deliveries: z.array(DeliveryView) })) },
    problems: ['alert_not_found'],
  }),
  validate('param', AlertParam),
  async (c) => {
    const { platform } = c.env
    const alert = await readAlert(platform.store, c.req.valid('param').id)
    const report = await reportDeliveries(platform, alert)
    const time = (at: Date | null) => (at === null ? null : localTime(at, platform.clock.timeZone))
    const channels = report.channels.map(({ reason, ...one }) => ({ ...one, reason: reason[c.var.language] }))
    const deliveries = report.deliveries.map((one) => ({
      message_id: one.messageId,
      channel: one.channel,
      kind: one.kind,
      status: one.status,
      attempts: one.attempts,
      reason: one.reason,
      created_at: localTime(one.createdAt, platform.clock.timeZone),
      sent_at: time(one.sentAt),
      next_at: one.status === 'retrying' ? time(one.nextAt) : null,
    }))
    return c.json(succeeded(c, 'ok', { channels, deliveries }))
  },
)
