import * as z from 'zod'
import { maintainDatabase } from '../../shared/ops/database/maintain.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Body = z.strictObject({
  reason: z.string().max(1000).optional().meta({ description: 'For the audit log' }),
})

const Tables = z.array(z.string())

const Counts = z.object({
  tables: z.int(),
  vacuumed: Tables,
  analyzed: Tables,
  skipped: Tables.meta({ description: 'Needed it, but somebody held a lock' }),
  held_back: Tables.meta({ description: 'Vacuumed in vain: an old transaction may still see the dead rows' }),
  left: z.int().meta({ description: 'Needed it too, and are left to the next run' }),
  checks: z.int(),
  findings: z.int(),
  alerts_raised: z.int(),
  alerts_resolved: z.int(),
})

export default createFunction().post(
  '/api/v1/ops/database/maintain',
  describe({
    summary: 'Vacuums and analyzes the tables that need it now, as the nightly care does',
    tag: 'ops',
    answers: { 200: envelopeOf(Counts) },
    problems: ['store_unavailable'],
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const { reason } = c.req.valid('json')
    const counts = await maintainDatabase(platform)
    await writeAudit(platform.store, {
      at: platform.clock.now(),
      actor: callerOf(c, 'api'),
      action: 'database.maintained',
      target: 'store',
      reason: reason ?? null,
      after: counts,
      requestId: c.var.requestId,
    })
    return c.json(succeeded(c, 'database_maintained', counts))
  },
)
