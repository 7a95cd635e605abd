import * as z from 'zod'
import { displayName, type Relation } from '../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

const TableView = z.object({
  name: z
    .string()
    .meta({ description: 'What `table_list` of a task takes: bare in `public`, `schema.name` elsewhere' }),
  kind: z.enum(['table', 'partitioned', 'view', 'materialized_view', 'foreign']),
  columns: z.number().int(),
  rows_estimated: z.number().int().nullable().meta({ description: 'By the planner; null when it has never looked' }),
  comment: z.string().nullable(),
})

export default createFunction().get(
  '/api/v0/data_pipeline/sources/:name/tables',
  describe({
    summary: 'The tables and views of a source that its user may read',
    tag: 'sources',
    answers: { 200: envelopeOf(z.object({ source: z.string(), database: z.string(), tables: z.array(TableView) })) },
    problems: ['source_not_found', 'source_unreachable', 'source_refused'],
  }),
  async (c) => {
    const name = c.req.param('name')
    await using source = await c.env.platform.sources.open({ name })
    const { relations } = await readCatalog(source)
    const data = { source: source.name, database: source.database, tables: relations.map(tableView) }
    return c.json(succeeded(c, 'ok', data))
  },
)

function tableView(relation: Relation): z.infer<typeof TableView> {
  const { kind, columns, rowsEstimated, comment } = relation
  return {
    name: displayName(relation),
    kind,
    columns: columns.length,
    rows_estimated: rowsEstimated < 0 ? null : Math.round(rowsEstimated),
    comment,
  }
}
