import * as z from 'zod'
import { findTaskFile } from '../../shared/engine/task-output.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Query = z.object({
  kb: z.coerce.number().int().min(1).max(1024).default(64).meta({ description: 'How much of the file, in KiB' }),
})

const Preview = z.object({
  file_name: z.string(),
  file_type: z.string(),
  file_size: z.number().int(),
  content: z.string(),
  truncated: z.boolean(),
})

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/files/preview/:name{.+}',
  describe({
    summary: 'The beginning of a file as text',
    tag: 'files',
    answers: { 200: envelopeOf(Preview) },
    problems: ['task_not_found', 'file_not_found', 'invalid_file_name'],
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { output, info } = await findTaskFile(platform, c.req.param('task_id'), c.req.param('name'))
    const length = Math.min(info.size, c.req.valid('query').kb * 1024)
    const file = length === 0 ? null : await platform.files.get(info.key, { offset: 0, length })
    const bytes = file === null ? new Uint8Array() : new Uint8Array(await new Response(file.body).arrayBuffer())
    const data: z.infer<typeof Preview> = {
      file_name: output.fileName,
      file_type: output.fileType,
      file_size: info.size,
      // As a stream, so that a character that is cut at the end is left out rather than spoiled.
      content: new TextDecoder().decode(bytes, { stream: length < info.size }),
      truncated: length < info.size,
    }
    return c.json(succeeded(c, 'ok', data))
  },
)
