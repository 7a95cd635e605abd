import { findActiveExecution } from '../../shared/engine/execution.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { TaskView, taskView } from '../../shared/engine/task-view.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id',
  describe({
    summary: 'One task with its steps and what runs now',
    tag: 'tasks',
    answers: { 200: envelopeOf(TaskView) },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const task = await requireTask(store, c.req.param('task_id'))
    const current = await findActiveExecution(store, task.id)
    return c.json(succeeded(c, 'ok', taskView(task, current, clock.timeZone)))
  },
)
