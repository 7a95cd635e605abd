import { INTAKE_PROBLEMS, readIntake } from '../../shared/dataset/intake.ts'
import { acceptTask } from '../../shared/engine/accept-task.ts'
import { StartedWorkflowView, startedWorkflowView } from '../../shared/engine/start-answer.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { newTask, settingsOf, TaskRequest } from '../../shared/engine/task-request.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'

export default createFunction().post(
  '/api/v0/data_pipeline/tasks/execute-complete',
  describe({
    summary: 'Create a task and execute its complete workflow',
    tag: 'tasks',
    answers: { 202: envelopeOf(StartedWorkflowView) },
    problems: ['concurrent_task', 'idempotency_conflict', 'files_unavailable', ...INTAKE_PROBLEMS],
  }),
  validate('json', TaskRequest),
  async (c) => {
    const { platform } = c.env
    const request = c.req.valid('json')
    const { source, tables } = await readIntake(platform, settingsOf(request))
    const key = c.req.header('Idempotency-Key') ?? null
    const createdBy = callerOf(c, request.trigger)
    const task = newTask(request, { source, tables, createdBy, idempotencyKey: key }, 'complete')
    const { answer } = await acceptTask(platform, task, {
      requestHash: sha256(JSON.stringify(request)),
      start: true,
      answer: ({ taskId, run }) => {
        if (run === null) throw new Problem('internal', `The run of ${taskId} was not started`)
        const data = startedWorkflowView(taskId, run, platform.clock.timeZone)
        const message = data.status === 'running' ? 'workflow_started' : 'workflow_queued'
        return { status: 202, body: succeeded(c, message, data) }
      },
    })
    return c.json(answer.body as object, answer.status as 202)
  },
)
