import * as z from 'zod'
import { INTAKE_PROBLEMS, readIntake } from '../../shared/dataset/intake.ts'
import { acceptTask } from '../../shared/engine/accept-task.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { newTask, settingsOf, TaskRequest } from '../../shared/engine/task-request.ts'
import { StepStatusView } from '../../shared/engine/task-view.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Created = z.object({
  task_id: z.string(),
  status: z.literal('pending'),
  output_directory: z.string(),
  step_status: StepStatusView,
  created_at: z.string(),
})

export default createFunction().post(
  '/api/v0/data_pipeline/tasks',
  describe({
    summary: 'Create a task without executing it',
    tag: 'tasks',
    answers: { 201: envelopeOf(Created) },
    problems: ['idempotency_conflict', 'files_unavailable', ...INTAKE_PROBLEMS],
  }),
  validate('json', TaskRequest),
  async (c) => {
    const { platform } = c.env
    const request = c.req.valid('json')
    const { source, tables } = await readIntake(platform, settingsOf(request))
    const key = c.req.header('Idempotency-Key') ?? null
    const found = { source, tables, createdBy: callerOf(c, request.trigger), idempotencyKey: key }
    const { answer, repeated } = await acceptTask(platform, newTask(request, found, 'step'), {
      requestHash: sha256(JSON.stringify(request)),
      start: false,
      answer: (task) => {
        const data: z.infer<typeof Created> = {
          task_id: task.taskId,
          status: 'pending',
          output_directory: task.outputDirectory,
          step_status: task.stepStatus,
          created_at: localTime(task.createdAt, platform.clock.timeZone),
        }
        return { status: 201, body: succeeded(c, 'task_created', data) }
      },
    })
    if (repeated) c.header('Idempotent-Replayed', 'true')
    return c.json(answer.body as object, answer.status as 201)
  },
)
