import * as z from 'zod'
import { cleanUp } from '../../shared/ops/dirty-data/cleanup.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { FilterText } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { CleanupView, cleanupView } from './cleanup-view.ts'
import { ReasonText } from './reason-text.ts'

const Body = z.strictObject({
  execute: z.boolean().default(false).meta({ description: 'Off: a dry run, which changes nothing' }),
  cleanup_id: FilterText.optional().meta({
    description: "Which plan to execute; the task's newest when it is left out",
  }),
  reason: ReasonText,
})

export default createFunction().post(
  '/api/v1/ops/cleanup/:task_id',
  describe({
    summary: 'Plan the clean-up of a task, or execute such a plan: snapshot, one transaction, scan again',
    tag: 'ops',
    answers: { 200: envelopeOf(CleanupView) },
    problems: ['task_not_found', 'cleanup_not_found', 'plan_expired', 'cleanup_refused', 'step_running'],
  }),
  validate('param', z.object({ task_id: FilterText })),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const { execute, cleanup_id: cleanupId, reason } = c.req.valid('json')
    const { task_id: taskId } = c.req.valid('param')
    const request = { taskId, execute, cleanupId, reason, by: callerOf(c, 'api'), requestId: c.var.requestId }
    const view = cleanupView(await cleanUp(platform, request), c.var.language, platform.clock.timeZone)
    return c.json(succeeded(c, view.executed ? 'cleanup_executed' : 'cleanup_planned', view))
  },
)
