import * as z from 'zod'
import { clearAlerts } from '../../shared/ops/alerts/alerts.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
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
  async (c) => {
    const { store, clock } = c.env.platform
    const [at, actor] = [clock.now(), callerOf(c, 'api')]
    const cleared = await store.transaction(async (tx) => {
      const count = await clearAlerts(tx)
      const entry = { at, actor, action: 'alerts.cleared', target: 'alerts', after: { cleared: count } }
      await writeAudit(tx, { ...entry, requestId: c.var.requestId })
      return count
    })
    return c.json(succeeded(c, 'alerts_cleared', { cleared }))
  },
)
