import * as z from 'zod'
import { deleteItem } from '../../shared/dataset/training/search.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().delete(
  '/api/v0/training/items/:id',
  describe({
    summary: 'Remove an item from the training store; loading its task again brings it back',
    tag: 'training',
    answers: { 200: envelopeOf(z.object({ id: z.string() })) },
    problems: ['training_item_not_found'],
  }),
  async (c) => {
    const id = c.req.param('id')
    await deleteItem(c.env.platform.store, id)
    return c.json(succeeded(c, 'item_deleted', { id }))
  },
)
