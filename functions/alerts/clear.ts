import * as z from 'zod'
import { clearAlerts } from '../../shared/ops/alerts/alerts.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().delete(
  '/api/v1/alerts',
  describe({
    summary: 'Forget all alerts; what is still so is raised again by the next check',
    tag: 'alerts',
    answers: { 200: envelopeOf(z.object({ cleared: z.int() })) },
  }),
  async (c) => c.json(succeeded(c, 'ok', { cleared: await clearAlerts(c.env.platform.store) })),
)
