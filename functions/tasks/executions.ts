import * as z from 'zod'
import { listExecutions } from '../../shared/engine/execution.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { ExecutionView, executionView } from '../../shared/engine/task-view.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/executions',
  describe({
    summary: "A task's executions, oldest first",
    tag: 'tasks',
    answers: { 200: envelopeOf(z.object({ executions: z.array(ExecutionView) })) },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const { id } = await requireTask(store, c.req.param('task_id'))
    const executions = await listExecutions(store, id)
    return c.json(
      succeeded(c, 'ok', { executions: executions.map((execution) => executionView(execution, clock.timeZone)) }),
    )
  },
)
