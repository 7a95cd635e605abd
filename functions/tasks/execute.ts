import * as z from 'zod'
import { STEPS } from '../../shared/engine/pipeline.ts'
import { StartedStepView, startedStepView, startOnce } from '../../shared/engine/start-answer.ts'
import { startStep } from '../../shared/engine/start-run.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Body = z.strictObject({
  step: z.enum(STEPS),
  force_execute: z.boolean().default(false).meta({ description: 'Skip the check of earlier steps' }),
  clean_previous: z.boolean().default(false).meta({ description: "Remove the step's old files and checkpoints first" }),
})

export default createFunction().post(
  '/api/v0/data_pipeline/tasks/:task_id/execute',
  describe({
    summary: 'Execute one step of a task',
    tag: 'tasks',
    answers: { 202: envelopeOf(StartedStepView) },
    problems: ['task_not_found', 'step_dependency_unmet', 'step_running', 'concurrent_task', 'idempotency_conflict'],
  }),
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const taskId = c.req.param('task_id')
    const body = c.req.valid('json')
    const request = { taskId, step: body.step, force: body.force_execute, clean: body.clean_previous }
    const answer = await startOnce(
      platform,
      { key: c.req.header('Idempotency-Key') ?? null, text: JSON.stringify(request) },
      (tx) => startStep(platform, tx, request),
      (run) => {
        const data = startedStepView(run, platform.clock.timeZone)
        return { status: 202, body: succeeded(c, data.status === 'running' ? 'step_started' : 'step_queued', data) }
      },
    )
    return c.json(answer.body as object, answer.status as 202)
  },
)
