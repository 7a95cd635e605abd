import { makeZip } from 'client-zip'
import type { StoredOutput } from '../../shared/engine/outputs.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { infoOf, readableOutputs } from '../../shared/engine/task-output.ts'
import { attachment } from '../../shared/platform/http/attachment.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/files/archive',
  describe({
    summary: "All of a task's files in one zip",
    tag: 'files',
    answers: { 200: { type: 'application/zip', description: 'The archive, streamed' } },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { platform } = c.env
    const { id } = await requireTask(platform.store, c.req.param('task_id'))
    const outputs = await readableOutputs(platform, id)
    const headers = { 'Content-Type': 'application/zip', 'Content-Disposition': attachment(`${id}.zip`) }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    return c.body(makeZip(entries(platform, outputs)), 200, headers)
  },
)

/** Opens one file at a time, when the archive has come to it. */
async function* entries(platform: Platform, outputs: readonly StoredOutput[]) {
  for (const output of outputs) {
    const info = await infoOf(platform, output)
    // The answer has begun: an archive that breaks off is noticed, one that lacks a file is not.
    if (info === null) throw new Problem('file_not_found', `The file "${output.fileName}" was removed`)
    const range = { offset: 0, length: info.size } // of a file that grows, what it has now
    const file = info.size === 0 ? null : await platform.files.get(info.key, range)
    yield { name: output.fileName, lastModified: info.modifiedAt, input: file?.body ?? '' }
  }
}
