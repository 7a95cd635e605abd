import * as z from 'zod'
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { EXECUTOR_TYPES } from '../../shared/workflow/definition/definition.ts'
import { listNodes } from '../../shared/workflow/node-store.ts'
import { NodeSummaryView, nodeSummaryView } from '../../shared/workflow/node-view.ts'

const Query = z.object({
  executor_type: z.enum(EXECUTOR_TYPES).optional(),
  q: FilterText.optional().meta({ description: 'Text in the name or the description' }),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/nodes',
  describe({
    summary: 'The nodes that can be used, each in its newest version, by name',
    tag: 'nodes',
    answers: { 200: envelopeOf(z.object({ nodes: z.array(NodeSummaryView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { executor_type, q, limit, cursor } = c.req.valid('query')
    const filter = {
      ...(executor_type === undefined ? {} : { executorType: executor_type }),
      ...(q === undefined ? {} : { text: q }),
    }
    const after = cursor === undefined ? {} : { after: String(decodeCursor(cursor, 1)[0]) }
    const found = await listNodes(store, filter, { limit: limit + 1, ...after })
    const nodes = found.slice(0, limit).map((node) => nodeSummaryView(node, clock.timeZone))
    const last = nodes.at(-1)
    const next_cursor = found.length > limit && last !== undefined ? encodeCursor([last.name]) : null
    return c.json(succeeded(c, 'ok', { nodes, next_cursor }))
  },
)
