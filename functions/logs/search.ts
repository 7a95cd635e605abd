import * as z from 'zod'
import { LOG_LEVELS } from '../../shared/engine/log-lines.ts'
import { LogView, logView } from '../../shared/engine/log-view.ts'
import { searchLogs } from '../../shared/ops/logs/search.ts'
import { encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor, positionIn } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { endOf, instantOf, TimeText } from '../../shared/platform/time-text.ts'

const FoundView = LogView.extend({ task_id: z.string() })

const Query = z.strictObject({
  q: FilterText.optional().meta({
    description: 'Found anywhere in the message, in any language; or in the id of the task, the execution or the trace',
  }),
  level: z.enum(LOG_LEVELS).optional().meta({ description: 'Lines of this level and no other' }),
  task_id: FilterText.optional(),
  step: FilterText.optional(),
  from: TimeText.optional().meta({ description: 'Written at this time or later' }),
  to: TimeText.optional().meta({ description: 'Written before this time; a date counts to its end' }),
  limit: limitUpTo(1000, 100),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/logs/search',
  describe({
    summary: 'Lines of the logs of all tasks, newest first; a short page with a next_cursor goes on there',
    tag: 'logs',
    answers: { 200: envelopeOf(z.object({ logs: z.array(FoundView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { task_id: taskId, from, to, limit, cursor, ...rest } = c.req.valid('query')
    const search = {
      ...rest,
      taskId,
      from: from === undefined ? undefined : instantOf(from, clock.timeZone),
      to: to === undefined ? undefined : endOf(to, clock.timeZone),
    }
    const { lines, before } = await searchLogs(store, search, { before: positionIn(cursor), limit })
    const logs = lines.map((line) => ({ ...logView(line, clock.timeZone), task_id: line.taskId }))
    return c.json(succeeded(c, 'ok', { logs, next_cursor: before === null ? null : encodeCursor([before]) }))
  },
)
