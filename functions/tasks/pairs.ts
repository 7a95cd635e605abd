import * as z from 'zod'
import { HARDNESS_LEVELS } from '../../shared/dataset/pair.ts'
import { FilePair, isPairsFile, matchesPair, PAIR_STATUSES, parsePairs } from '../../shared/dataset/pairs-file.ts'
import { listOutputs } from '../../shared/engine/outputs.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { encodeCursor } from '../../shared/platform/cursor.ts'
import { readText } from '../../shared/platform/files.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, FilterText, limitUpTo, NextCursor, positionIn } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Query = z.object({
  q: FilterText.optional().meta({ description: 'Found in the question or the SQL' }),
  status: z.enum(PAIR_STATUSES).optional(),
  hardness: z.enum(HARDNESS_LEVELS).optional(),
  limit: limitUpTo(500, 50),
  cursor: CursorText.optional(),
})

const Answer = z.object({
  pairs: z.array(FilePair.required({ id: true })),
  total: z.number().int().meta({ description: 'Pairs that match, on all pages' }),
  next_cursor: NextCursor,
})

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/pairs',
  describe({
    summary: "A task's question–SQL pairs, in the order of their file; none before they are generated",
    tag: 'pairs',
    answers: { 200: envelopeOf(Answer) },
    problems: ['task_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, files } = c.env.platform
    const { limit, cursor, ...filter } = c.req.valid('query')
    const { id } = await requireTask(store, c.req.param('task_id'))
    const output = (await listOutputs(store, id)).find(({ fileName }) => isPairsFile(fileName, id))
    const text = output === undefined ? null : await readText(files, output.path)
    const found = parsePairs(text ?? '[]').filter((pair) => matchesPair(pair, filter))
    const start = positionIn(cursor) ?? 0
    const end = start + limit
    const next_cursor = end < found.length ? encodeCursor([end]) : null
    return c.json(succeeded(c, 'ok', { pairs: found.slice(start, end), total: found.length, next_cursor }))
  },
)
