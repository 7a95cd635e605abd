import * as z from 'zod'
import { listTasks } from '../../shared/engine/list-tasks.ts'
import { TaskSummaryView, taskSummaryView } from '../../shared/engine/task-view.ts'
import { TASK_STATUSES } from '../../shared/engine/transitions.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { endOf, instantOf, TimeText } from '../../shared/platform/time-text.ts'

const Query = z.object({
  status: z.enum(TASK_STATUSES).optional(),
  task_type: FilterText.optional(),
  db_name: FilterText.optional(),
  created_by: FilterText.optional(),
  from: TimeText.optional().meta({ description: 'Created at this time or later' }),
  to: TimeText.optional().meta({ description: 'Created before this time; a date counts to its end' }),
  q: FilterText.optional().meta({ description: 'Found in the id, the source or the business context' }),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v0/data_pipeline/tasks',
  describe({
    summary: 'Tasks, newest first',
    tag: 'tasks',
    answers: { 200: envelopeOf(z.object({ tasks: z.array(TaskSummaryView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { task_type, db_name, created_by, from, to, limit, cursor, ...query } = c.req.valid('query')
    const filter = {
      ...query,
      taskType: task_type,
      dbName: db_name,
      createdBy: created_by,
      from: from === undefined ? undefined : instantOf(from, clock.timeZone),
      to: to === undefined ? undefined : endOf(to, clock.timeZone),
    }
    const page = await listTasks(store, filter, limit, cursor ?? null)
    const tasks = page.tasks.map((task) => taskSummaryView(task, clock.timeZone))
    return c.json(succeeded(c, 'ok', { tasks, next_cursor: page.cursor }))
  },
)
