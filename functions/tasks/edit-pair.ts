import * as z from 'zod'
import type { Pair } from '../../shared/dataset/pair.ts'
import { editedPair, FilePair, isPairsFile, parsePairs, renderPairs } from '../../shared/dataset/pairs-file.ts'
import { rewriteOutput } from '../../shared/engine/rewrite-output.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'

const Body = z
  .strictObject({
    question: z.string().trim().min(1).max(2000).optional(),
    sql: z.string().trim().min(1).max(20_000).optional(),
  })
  .refine(({ question, sql }) => question !== undefined || sql !== undefined, 'question or sql must be given')

export default createFunction().patch(
  '/api/v0/data_pipeline/tasks/:task_id/pairs/:pair',
  describe({
    summary: 'Change the question or the SQL of a pair; it then waits for validation again',
    tag: 'pairs',
    answers: { 200: envelopeOf(FilePair.required({ id: true })) },
    problems: ['task_not_found', 'pair_not_found', 'step_running', 'file_conflict'],
  }),
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const [taskId, pairId] = [c.req.param('task_id'), c.req.param('pair')]
    const changes = c.req.valid('json')
    const missing = () => new Problem('pair_not_found', `Task ${taskId} has no pair "${pairId}"`)
    let edited: Pair | undefined
    const found = await rewriteOutput(
      platform,
      taskId,
      (fileName) => isPairsFile(fileName, taskId),
      (text) => {
        const pairs = parsePairs(text)
        const pair = pairs.find(({ id }) => id === pairId)
        if (pair === undefined) throw missing()
        const changed = editedPair(pair, changes)
        edited = changed
        return renderPairs(pairs.map((one) => (one === pair ? changed : one)))
      },
    )
    if (!found || edited === undefined) throw missing()
    return c.json(succeeded(c, 'pair_changed', edited))
  },
)
