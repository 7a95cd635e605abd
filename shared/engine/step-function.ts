import type { Hono } from 'hono'
import * as z from 'zod'
import { createFunction } from '../platform/http/create-function.ts'
import { validate } from '../platform/http/validate.ts'
import type { FunctionEnv } from '../platform/platform.ts'
import { Handed } from './handed.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import { type RunAnswer, runStep, type StepWork } from './run-step.ts'

const Message = z.strictObject({ execution_id: z.string().min(1), claim: z.int().min(0) })

/**
 * A step as a queue function: `POST /steps/{function}` with `{ execution_id, claim }`.
 * Answers 200 when the store knows how it ended (also a failure), 409 for a stale claim, 503 with `Retry-After` for a message before its time.
 */
export function stepFunction(step: StepName, work: StepWork): Hono<FunctionEnv> {
  return workFunction(PIPELINE[step].function, work)
}

/** The same, for a function of any name: nodes of workflows. */
export function workFunction(name: string, work: StepWork): Hono<FunctionEnv> {
  const path = `/steps/${name}`
  const app = createFunction()
  app.post(path, async ({ env: { platform, handed } }, next) =>
    handed instanceof Handed ? bareResponseTo(await runStep(platform, name, handed, work)) : await next(),
  )
  return app.post(path, validate('json', Message), async (c) =>
    responseTo(await runStep(c.env.platform, name, c.req.valid('json'), work)),
  )
}

/** Whoever hands work over reads no body; making one would take longer than the rest of the call. */
function bareResponseTo({ kind }: RunAnswer): Response {
  return new Response(null, { status: kind === 'finished' ? 200 : 409 })
}

function responseTo(answer: RunAnswer): Response {
  if (answer.kind === 'stale') return Response.json({ answer: 'stale' }, { status: 409 })
  if (answer.kind === 'finished') return Response.json({ answer: answer.ending })
  const headers = { 'Retry-After': String(answer.retryAfterSeconds) }
  return Response.json({ answer: 'early' }, { status: 503, headers })
}
