import * as z from 'zod'
import { LOG_LEVELS } from '../../shared/engine/log-lines.ts'
import { LogView, logView } from '../../shared/engine/log-view.ts'
import { END, START, stepNames } from '../../shared/engine/planned-workflow.ts'
import { readLogs } from '../../shared/engine/read-logs.ts'
import { requireTask, type Task } from '../../shared/engine/task.ts'
import { encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor, positionIn } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'

const StepText = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/)
  .meta({ description: 'A step of the pipeline, or a node of the workflow' })

const Query = z.object({
  limit: limitUpTo(1000, 100),
  level: z.enum(LOG_LEVELS).optional().meta({ description: 'Lines of this level and no other' }),
  step: StepText.optional(),
  q: FilterText.optional().meta({ description: 'Found anywhere in the message; capitals are ignored' }),
  order: z.enum(['asc', 'desc']).default('asc'),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/logs',
  describe({
    summary: "A task's log, oldest line first unless asked otherwise",
    tag: 'tasks',
    answers: { 200: envelopeOf(z.object({ logs: z.array(LogView), next_cursor: NextCursor })) },
    problems: ['task_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { limit, order, cursor, ...filter } = c.req.valid('query')
    const task = await requireTask(store, c.req.param('task_id'))
    if (filter.step !== undefined) assertStep(task, filter.step)
    const after = positionIn(cursor)
    const found = await readLogs(store, task.id, filter, { order, after, limit: limit + 1 })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const next_cursor = found.length > limit && last !== undefined ? encodeCursor([last.id]) : null
    return c.json(succeeded(c, 'ok', { logs: page.map((line) => logView(line, clock.timeZone)), next_cursor }))
  },
)

/** @throws {Problem} `invalid_request` for a name that no step or node of the task has */
function assertStep({ id, parameters: { workflow } }: Task, step: string): void {
  const names = [...stepNames(workflow), ...(workflow === undefined ? [] : [START, END])]
  if (names.includes(step)) return
  const message = `${id} has no step "${step}"; it has ${names.join(', ')}`
  throw new Problem('invalid_request', message, { errors: [{ path: 'step', message }] })
}
