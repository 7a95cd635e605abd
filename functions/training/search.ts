import * as z from 'zod'
import { TRAINING_KINDS } from '../../shared/dataset/training/items.ts'
import { searchTraining } from '../../shared/dataset/training/search.ts'
import { TrainingHitView, trainingHitView } from '../../shared/dataset/training/training-view.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Body = z.strictObject({
  question: z.string().trim().min(1).max(2000),
  limit: z.number().int().min(1).max(100).default(10).meta({ description: 'Hits of each kind' }),
  kinds: z.array(z.enum(TRAINING_KINDS)).min(1).optional(),
  db_name: z.string().min(1).max(100).optional(),
})

const Hits = z.array(TrainingHitView)

export default createFunction().post(
  '/api/v0/training/search',
  describe({
    summary: 'What helps to answer a question: pairs, DDL and documents, the best first',
    tag: 'training',
    answers: { 200: envelopeOf(z.object({ sql: Hits, ddl: Hits, documentation: Hits })) },
    problems: ['embedding_failed'],
  }),
  validate('json', Body),
  async (c) => {
    const { store, embedder } = c.env.platform
    const { question, limit, kinds, db_name } = c.req.valid('json')
    const found = await searchTraining(store, embedder, {
      question,
      limit,
      ...(kinds === undefined ? {} : { kinds }),
      ...(db_name === undefined ? {} : { source: db_name }),
    })
    const data = {
      sql: found.sql.map(trainingHitView),
      ddl: found.ddl.map(trainingHitView),
      documentation: found.documentation.map(trainingHitView),
    }
    return c.json(succeeded(c, 'ok', data))
  },
)
