import * as z from 'zod'
import { rollBackCleanup } from '../../shared/ops/dirty-data/rollback.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { FilterText } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { CleanupView, cleanupView } from './cleanup-view.ts'
import { ReasonText } from './reason-text.ts'

export default createFunction().post(
  '/api/v1/ops/cleanups/:id/rollback',
  describe({
    summary: 'Undo a clean-up: its rows and files are again as they were, to the byte',
    tag: 'ops',
    answers: { 200: envelopeOf(CleanupView) },
    problems: ['cleanup_not_found', 'cleanup_refused', 'step_running'],
  }),
  validate('param', z.object({ id: FilterText })),
  optionalBody,
  validate('json', z.strictObject({ reason: ReasonText })),
  async (c) => {
    const { platform } = c.env
    const { id: cleanupId } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const request = { cleanupId, reason, by: callerOf(c, 'api'), requestId: c.var.requestId }
    const view = cleanupView(await rollBackCleanup(platform, request), c.var.language, platform.clock.timeZone)
    return c.json(succeeded(c, 'cleanup_rolled_back', view))
  },
)
