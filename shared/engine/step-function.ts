import type { Hono } from 'hono'
import * as z from 'zod'
import { createFunction } from '../platform/http/create-function.ts'
import { validate } from '../platform/http/validate.ts'
import type { FunctionEnv } from '../platform/platform.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import { runStep, type StepWork } from './run-step.ts'

const Message = z.strictObject({ execution_id: z.string().min(1), claim: z.int().min(0) })

/**
 * A step as a queue function: `POST /steps/{function}` with `{ execution_id, claim }`.
 * Answers 200 when the store knows how it ended (also a failure), 409 for a stale claim, 503 with `Retry-After` for a message before its time.
 */
export function stepFunction(step: StepName, work: StepWork): Hono<FunctionEnv> {
  return createFunction().post(`/steps/${PIPELINE[step].function}`, validate('json', Message), async (c) => {
    const answer = await runStep(c.env.platform, step, c.req.valid('json'), work, c.env.handed)
    if (answer.kind === 'stale') return c.json({ answer: 'stale' }, 409)
    if (answer.kind === 'early')
      return c.json({ answer: 'early' }, 503, { 'Retry-After': String(answer.retryAfterSeconds) })
    return c.json({ answer: answer.ending })
  })
}
