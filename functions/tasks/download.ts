import { findTaskFile } from '../../shared/engine/task-output.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { serveFile } from '../../shared/platform/http/serve-file.ts'

// The name takes the rest of the path, so that a path in its place is refused as a name rather than not found.
export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/files/download/:name{.+}',
  describe({
    summary: 'Download a file, whole or one range of it',
    tag: 'files',
    answers: {
      200: { type: '*/*', description: 'The file' },
      206: { type: '*/*', description: 'The range asked for' },
      304: { type: '*/*', description: 'Not changed since the given ETag' },
    },
    problems: ['task_not_found', 'file_not_found', 'invalid_file_name', 'range_not_satisfiable'],
  }),
  async (c) => {
    const { platform } = c.env
    const { output, info } = await findTaskFile(platform, c.req.param('task_id'), c.req.param('name'))
    return await serveFile(c, platform.files, info, output.fileName)
  },
)
