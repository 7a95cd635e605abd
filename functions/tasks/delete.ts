import * as z from 'zod'
import { deleteTask } from '../../shared/engine/delete-task.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().delete(
  '/api/v0/data_pipeline/tasks/:task_id',
  describe({
    summary: 'Delete a task with its rows and files',
    tag: 'tasks',
    answers: { 200: envelopeOf(z.object({ task_id: z.string(), files_deleted: z.number().int() })) },
    problems: ['task_not_found', 'step_running'],
  }),
  async (c) => {
    const taskId = c.req.param('task_id')
    const removed = await deleteTask(c.env.platform, taskId)
    return c.json(succeeded(c, 'task_deleted', { task_id: taskId, files_deleted: removed }))
  },
)
