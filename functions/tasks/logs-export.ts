import { renderLogLines } from '../../shared/engine/log-lines.ts'
import { readLogBatches } from '../../shared/engine/read-logs.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { attachment } from '../../shared/platform/http/attachment.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { textStream } from '../../shared/platform/http/text-stream.ts'
import type { Store } from '../../shared/platform/store.ts'

const BATCH = 1000 // lines in memory at once, however long the log is

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/logs/export',
  describe({
    summary: "A task's whole log as a text file, in the form of data_pipeline.log",
    tag: 'tasks',
    answers: { 200: { type: 'text/plain', description: 'The log, one line per entry' } },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const { id } = await requireTask(store, c.req.param('task_id'))
    return c.body(textStream(logText(store, id, clock.timeZone)), 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': attachment(`${id}.log`),
    })
  },
)

async function* logText(store: Store, taskId: string, timeZone: string): AsyncGenerator<string> {
  for await (const lines of readLogBatches(store, taskId, BATCH)) {
    yield renderLogLines(
      lines.map((line) => ({ ...line, module: line.module ?? 'helix', function: null })),
      timeZone,
    )
  }
}
