import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

const SourceView = z.object({
  name: z.string().meta({ description: 'What `db_name` of a task takes' }),
  kind: z.enum(['server', 'sample']),
  address: z.string().meta({ description: 'Host, port and database' }),
})

export default createFunction().get(
  '/api/v0/data_pipeline/sources',
  describe({
    summary: 'The business databases that are configured',
    tag: 'sources',
    answers: { 200: envelopeOf(z.object({ sources: z.array(SourceView) })) },
  }),
  (c) => {
    const sources = c.env.platform.sources.list().map(({ name, kind, address }) => ({ name, kind, address }))
    return c.json(succeeded(c, 'ok', { sources }))
  },
)
