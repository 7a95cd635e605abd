import * as z from 'zod'
import { cancelTask } from '../../shared/engine/cancel-task.ts'
import { TASK_STATUSES } from '../../shared/engine/transitions.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

const Cancelled = z.object({
  task_id: z.string(),
  status: z.enum(TASK_STATUSES),
  cancel_requested: z.boolean().meta({ description: 'True while a running step has still to stop' }),
})

export default createFunction().post(
  '/api/v0/data_pipeline/tasks/:task_id/cancel',
  describe({
    summary: 'Cancel a task: at once while it waits, between two items while it runs',
    tag: 'tasks',
    answers: { 202: envelopeOf(Cancelled) },
    problems: ['task_not_found', 'task_final'],
  }),
  async (c) => {
    const { task, requested } = await cancelTask(c.env.platform, c.req.param('task_id'))
    const data = { task_id: task.id, status: task.status, cancel_requested: requested }
    return c.json(succeeded(c, requested ? 'cancel_requested' : 'task_cancelled', data), 202)
  },
)
