import * as z from 'zod'
import { redriveDeadLetter } from '../../shared/ops/zombies/dead-letters.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { FilterText } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { DeadLetterView, deadLetterView } from './dead-letter-view.ts'
import { ReasonText } from './reason-text.ts'

export default createFunction().post(
  '/api/v1/ops/dead-letters/:id/redrive',
  describe({
    summary: 'Send a dead message again',
    tag: 'ops',
    answers: { 200: envelopeOf(DeadLetterView) },
    problems: ['dead_letter_not_found', 'dead_letters_elsewhere'],
  }),
  validate('param', z.object({ id: FilterText })),
  optionalBody,
  validate('json', z.strictObject({ reason: ReasonText })),
  async (c) => {
    const { platform } = c.env
    const { reason } = c.req.valid('json')
    const change = { by: callerOf(c, 'api'), reason, requestId: c.var.requestId }
    const letter = await redriveDeadLetter(platform, c.req.valid('param').id, change)
    return c.json(succeeded(c, 'dead_letter_redriven', deadLetterView(letter, platform.clock.timeZone)))
  },
)
