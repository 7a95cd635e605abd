import { findActiveExecution } from '../../shared/engine/execution.ts'
import { findActiveTask } from '../../shared/engine/list-tasks.ts'
import { TaskView, taskView } from '../../shared/engine/task-view.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/active',
  describe({
    summary: 'The latest task under way, else the latest completed one, else null',
    tag: 'tasks',
    answers: { 200: envelopeOf(TaskView.nullable()) },
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const task = await findActiveTask(store)
    if (task === null) return c.json(succeeded(c, 'ok', null))
    const current = await findActiveExecution(store, task.id)
    return c.json(succeeded(c, 'ok', taskView(task, current, clock.timeZone)))
  },
)
