import * as z from 'zod'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

const Tested = z.object({
  source: z.string(),
  database: z.string(),
  version: z.string().meta({ description: "The server's version: `16.4`" }),
  tables: z.number().int().meta({ description: 'Tables and views that its user may read' }),
  latency_ms: z.number().int().meta({ description: 'From opening a connection to the first answer' }),
})

export default createFunction().post(
  '/api/v0/data_pipeline/sources/:name/test',
  describe({
    summary: 'Connect to a source and count what can be read there',
    tag: 'sources',
    answers: { 200: envelopeOf(Tested) },
    problems: ['source_not_found', 'source_unreachable', 'source_refused'],
  }),
  async (c) => {
    const { sources, clock } = c.env.platform
    const startedAt = clock.now().getTime()
    await using source = await sources.open({ name: c.req.param('name'), asked: true })
    const { rows } = await source.readOnly((tx) =>
      tx.query<{ version: string }>(`select current_setting('server_version') as version`),
    )
    const latency_ms = clock.now().getTime() - startedAt
    const { relations } = await readCatalog(source)
    const data: z.infer<typeof Tested> = {
      source: source.name,
      database: source.database,
      version: rows[0]?.version ?? '',
      tables: relations.length,
      latency_ms,
    }
    return c.json(succeeded(c, 'source_reachable', data))
  },
)
