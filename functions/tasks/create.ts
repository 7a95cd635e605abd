import * as z from 'zod'
import { INTAKE_PROBLEMS, readIntake } from '../../shared/dataset/intake.ts'
import { createTask } from '../../shared/engine/create-task.ts'
import { once } from '../../shared/engine/idempotency.ts'
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
    const hash = await sha256(new TextEncoder().encode(JSON.stringify(request)))
    const { answer, repeated } = await once(platform, key, hash, async (tx) => {
      const found = {
        source,
        tables,
        createdBy: callerOf(c, request.trigger),
        idempotencyKey: key,
      }
      const task = await createTask(platform, tx, newTask(request, found, 'step'))
      const data: z.infer<typeof Created> = {
        task_id: task.id,
        status: 'pending',
        output_directory: task.outputDirectory,
        step_status: task.stepStatus,
        created_at: localTime(task.createdAt, platform.clock.timeZone),
      }
      platform.log('task.created', { taskId: task.id, source: source.name })
      return { status: 201, body: succeeded(c, 'task_created', data) }
    })
    if (repeated) c.header('Idempotent-Replayed', 'true')
    return c.json(answer.body as object, answer.status as 201)
  },
)
