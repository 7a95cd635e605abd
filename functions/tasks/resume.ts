import { StartedStepView, startedStepView, startOnce } from '../../shared/engine/start-answer.ts'
import { resumeTask } from '../../shared/engine/start-run.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().post(
  '/api/v0/data_pipeline/tasks/:task_id/resume',
  describe({
    summary: 'Go on with a failed, cancelled or partly completed task from its checkpoints',
    tag: 'tasks',
    answers: { 202: envelopeOf(StartedStepView) },
    problems: ['task_not_found', 'task_final', 'step_running', 'concurrent_task', 'idempotency_conflict'],
  }),
  async (c) => {
    const { platform } = c.env
    const taskId = c.req.param('task_id')
    const answer = await startOnce(
      platform,
      { key: c.req.header('Idempotency-Key') ?? null, text: `resume ${taskId}` },
      (tx) => resumeTask(platform, tx, taskId),
      (run) => ({ status: 202, body: succeeded(c, 'task_resumed', startedStepView(run, platform.clock.timeZone)) }),
    )
    return c.json(answer.body as object, answer.status as 202)
  },
)
