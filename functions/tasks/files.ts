import * as z from 'zod'
import { FileView, fileView } from '../../shared/engine/file-view.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { grows, infoOf, readableOutputs } from '../../shared/engine/task-output.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/files',
  describe({
    summary: "A task's files, the important ones first",
    tag: 'files',
    answers: {
      200: envelopeOf(
        z.object({ files: z.array(FileView), total_size: z.number().int().meta({ description: 'Bytes' }) }),
      ),
    },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { platform } = c.env
    const { id } = await requireTask(platform.store, c.req.param('task_id'))
    const files: z.infer<typeof FileView>[] = []
    for (const output of await readableOutputs(platform, id)) {
      const now = grows(output) ? await infoOf(platform, output) : null
      files.push(fileView(output, now, platform.clock.timeZone))
    }
    const total_size = files.reduce((sum, { file_size }) => sum + file_size, 0)
    return c.json(succeeded(c, 'ok', { files, total_size }))
  },
)
