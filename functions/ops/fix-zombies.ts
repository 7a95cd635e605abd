import * as z from 'zod'
import { fixZombies } from '../../shared/ops/zombies/zombies.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { ReasonText } from './reason-text.ts'
import { MIN_CLAIMS_USUAL, MinClaims, STALE_MINUTES_USUAL, StaleMinutes } from './zombie-query.ts'

const Body = z.strictObject({
  stale_minutes: StaleMinutes.default(STALE_MINUTES_USUAL),
  min_claims: MinClaims.default(MIN_CLAIMS_USUAL),
  reason: ReasonText,
})

const Fixed = z.object({
  found: z.int(),
  fixed: z.array(
    z.object({
      task_id: z.string(),
      execution_id: z.string(),
      action: z.enum(['resend', 'requeue', 'fail', 'cancel']),
    }),
  ),
})

export default createFunction().post(
  '/api/v1/ops/zombies/fix',
  describe({
    summary: 'Take zombies over: queued again while attempts remain, else failed',
    tag: 'ops',
    answers: { 200: envelopeOf(Fixed) },
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { stale_minutes: staleMinutes, min_claims: minClaims, reason } = c.req.valid('json')
    const change = { by: callerOf(c, 'api'), reason, requestId: c.var.requestId }
    const { found, rescued } = await fixZombies(c.env.platform, { staleMinutes, minClaims }, change)
    const fixed = rescued.map(({ execution, kind }) => {
      return { task_id: execution.taskId, execution_id: execution.executionId, action: kind }
    })
    return c.json(succeeded(c, 'zombies_fixed', { found: found.length, fixed }))
  },
)
