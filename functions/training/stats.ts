import * as z from 'zod'
import { TRAINING_KINDS } from '../../shared/dataset/training/items.ts'
import { trainingStats } from '../../shared/dataset/training/search.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

const Count = z.object({
  kind: z.enum(TRAINING_KINDS),
  db_name: z.string(),
  items: z.number().int(),
  updated_at: z.string(),
})

const Stats = z.object({
  total: z.number().int(),
  vectors: z.enum(['vector', 'real[]']).meta({ description: '`real[]` where the store has no pgvector' }),
  embedding_model: z.string(),
  counts: z.array(Count),
})

export default createFunction().get(
  '/api/v0/training/stats',
  describe({
    summary: 'What the training store holds, by kind and source',
    tag: 'training',
    answers: { 200: envelopeOf(Stats) },
  }),
  async (c) => {
    const { store, embedder, clock } = c.env.platform
    const { total, vectors, counts } = await trainingStats(store)
    const data: z.infer<typeof Stats> = {
      total,
      vectors,
      embedding_model: embedder.model,
      counts: counts.map(({ kind, source, items, updatedAt }) => ({
        kind,
        db_name: source,
        items,
        updated_at: localTime(updatedAt, clock.timeZone),
      })),
    }
    return c.json(succeeded(c, 'ok', data))
  },
)
