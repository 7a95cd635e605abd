import * as z from 'zod'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { changeSettings } from '../../shared/platform/settings.ts'

const Body = z.strictObject({
  dynamic_node_creation_enabled: z.boolean().optional(),
  reason: z.string().max(1000).optional().meta({ description: 'For the audit log' }),
})
const Settings = z.object({ dynamic_node_creation_enabled: z.boolean() })

export default createFunction().patch(
  '/api/v1/ops/settings',
  describe({
    summary: 'Change switches; each change is written to the audit log',
    tag: 'ops',
    answers: { 200: envelopeOf(Settings) },
  }),
  validate('json', Body),
  async (c) => {
    const { store, clock } = c.env.platform
    const { reason, dynamic_node_creation_enabled: enabled } = c.req.valid('json')
    const settings = await changeSettings(store, {
      values: enabled === undefined ? {} : { dynamic_node_creation_enabled: enabled },
      ...(reason === undefined ? {} : { reason }),
      by: callerOf(c, 'api'),
      at: clock.now(),
      requestId: c.var.requestId,
    })
    return c.json(succeeded(c, 'settings_changed', settings))
  },
)
