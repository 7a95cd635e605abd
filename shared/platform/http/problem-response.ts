import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { maskText } from '../mask.ts'
import type { FunctionEnv } from '../platform.ts'
import { asProblem, PROBLEMS, Problem } from '../problems.ts'

/** The one place where anything thrown becomes problem details (RFC 9457). */
export function problemResponse(thrown: unknown, c: Context<FunctionEnv>): Response {
  const problem = thrown instanceof HTTPException ? fromHttpException(thrown) : asProblem(thrown)
  const language = c.var.language ?? 'zh'
  const requestId = c.var.requestId ?? ''
  const { status, title } = PROBLEMS[problem.code]
  const inner = problem.code === 'internal'
  if (status >= 500) {
    c.env.tellFailure?.(maskText(problem.message))
    c.env.platform?.log('request.failed', {
      requestId,
      path: c.req.path,
      code: problem.code,
      message: maskText(problem.message),
    })
  }
  if (problem.retryAfter !== undefined) c.header('Retry-After', String(problem.retryAfter))
  else if (status === 503) c.header('Retry-After', '5')
  const body = {
    type: `/problems/${problem.code}`,
    title: title[language],
    status,
    // What happened inside is for the log; a caller could do nothing with it.
    detail: inner ? title[language] : maskText(problem.message),
    instance: c.req.path,
    success: false,
    error: title[language],
    code: problem.code,
    request_id: requestId,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
  }
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json; charset=utf-8',
  })
}

function fromHttpException(exception: HTTPException): Problem {
  if (exception.status === 400) {
    return new Problem('invalid_json', `The body could not be read as JSON: ${exception.message}`, { cause: exception })
  }
  if (exception.status === 413) return new Problem('payload_too_large', exception.message, { cause: exception })
  return new Problem('internal', exception.message, { cause: exception })
}
