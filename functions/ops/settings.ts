import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { readSettings } from '../../shared/platform/settings.ts'

const Settings = z.object({ dynamic_node_creation_enabled: z.boolean() })

export default createFunction().get(
  '/api/v1/ops/settings',
  describe({
    summary: 'The switches that hold now',
    tag: 'ops',
    answers: { 200: envelopeOf(Settings) },
  }),
  async (c) => c.json(succeeded(c, 'ok', await readSettings(c.env.platform.store))),
)
