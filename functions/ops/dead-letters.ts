import * as z from 'zod'
import { listDeadLetters } from '../../shared/ops/zombies/dead-letters.ts'
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { DeadLetterView, deadLetterView } from './dead-letter-view.ts'

const Query = z.object({ limit: limitUpTo(200, 50), cursor: CursorText.optional() })

export default createFunction().get(
  '/api/v1/ops/dead-letters',
  describe({
    summary: 'Messages that nobody could handle, newest first, where the queue can be asked',
    tag: 'ops',
    answers: { 200: envelopeOf(z.object({ dead_letters: z.array(DeadLetterView), next_cursor: NextCursor })) },
    problems: ['dead_letters_elsewhere'],
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { limit, cursor } = c.req.valid('query')
    const [after = null] = cursor === undefined ? [] : decodeCursor(cursor, 1).map(String)
    const { letters, next } = await listDeadLetters(platform, limit, after)
    const views = letters.map((letter) => deadLetterView(letter, platform.clock.timeZone))
    return c.json(succeeded(c, 'ok', { dead_letters: views, next_cursor: next === null ? null : encodeCursor([next]) }))
  },
)
