import * as z from 'zod'
import { channelState, openChannel } from '../../shared/ops/alerts/channels/all.ts'
import { CHANNELS } from '../../shared/ops/alerts/channels/channel.ts'
import { testMessage } from '../../shared/ops/alerts/test-message.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Body = z.strictObject({
  channel: z.enum(CHANNELS).optional().meta({ description: 'All that are configured when absent' }),
})
const Result = z.object({
  channel: z.enum(CHANNELS),
  state: z.enum(['sent', 'failed', 'not_configured', 'cannot']),
  reason: z.string().nullable(),
})

export default createFunction().post(
  '/api/v1/alerts/test',
  describe({
    summary: 'Send a test message to the channels, and say what each of them answered',
    tag: 'alerts',
    answers: { 200: envelopeOf(z.object({ channels: z.array(Result) })) },
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const names = CHANNELS.filter((name) => (c.req.valid('json').channel ?? name) === name)
    const channels: z.infer<typeof Result>[] = []
    for (const name of names) {
      const state = channelState(platform, name)
      const outcome = state === 'ready' ? await openChannel(platform, name)?.send(testMessage(platform)) : undefined
      if (state !== 'ready' || outcome === undefined) {
        channels.push({ channel: name, state: state === 'ready' ? 'cannot' : state, reason: null })
      } else {
        channels.push({
          channel: name,
          state: outcome.ok ? 'sent' : 'failed',
          reason: outcome.ok ? null : outcome.reason,
        })
      }
    }
    const entry = { action: 'alerts.tested', target: names.join(','), after: channels, requestId: c.var.requestId }
    await writeAudit(platform.store, { at: platform.clock.now(), actor: callerOf(c, 'api'), ...entry })
    return c.json(succeeded(c, 'alerts_tested', { channels }))
  },
)
