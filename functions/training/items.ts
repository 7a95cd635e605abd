import * as z from 'zod'
import { TRAINING_KINDS } from '../../shared/dataset/training/items.ts'
import { listItems } from '../../shared/dataset/training/search.ts'
import { StoredItemView, storedItemView } from '../../shared/dataset/training/training-view.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Query = z.object({
  kind: z.enum(TRAINING_KINDS).optional(),
  db_name: FilterText.optional(),
  table: FilterText.optional().meta({ description: 'Items that depend on this table' }),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v0/training/items',
  describe({
    summary: 'The items of the training store, in the order of their ids',
    tag: 'training',
    answers: { 200: envelopeOf(z.object({ items: z.array(StoredItemView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { kind, db_name, table, limit, cursor } = c.req.valid('query')
    const filter = {
      ...(kind === undefined ? {} : { kind }),
      ...(db_name === undefined ? {} : { source: db_name }),
      ...(table === undefined ? {} : { table }),
    }
    const page = await listItems(store, filter, cursor === undefined ? { limit } : { limit, cursor })
    const items = page.items.map((item) => storedItemView(item, clock.timeZone))
    return c.json(succeeded(c, 'ok', { items, next_cursor: page.cursor }))
  },
)
