import type { Context } from 'hono'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { textStream } from '../../../shared/platform/http/text-stream.ts'
import type { FunctionEnv } from '../../../shared/platform/platform.ts'
import { PROBLEMS, Problem, type ProblemCode } from '../../../shared/platform/problems.ts'
import { toBase64 } from './base64.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const EMPTY = new Set([204, 304])

/** Tells a request as the function saw it. */
export const echoProbe = createFunction().on(METHODS, ['/conformance/echo', '/conformance/echo/*'], async (c) => {
  const url = new URL(c.req.url)
  const body = new Uint8Array(await c.req.arrayBuffer())
  c.header('X-Probe', 'echo')
  return c.json({
    method: c.req.method,
    path: url.pathname,
    query: [...url.searchParams],
    headers: Object.fromEntries(c.req.raw.headers),
    body: toBase64(body),
    requestId: c.var.requestId,
    language: c.var.language,
  })
})

/** `?size=&status=&type=&cookie=&cookie=`: the byte at place n is n modulo 251, so that a shift or a loss shows. */
export const bytesProbe = createFunction().get('/conformance/bytes', (c) => {
  const { size = '0', status = '200', type = 'application/octet-stream' } = c.req.query()
  for (const cookie of c.req.queries('cookie') ?? []) c.header('Set-Cookie', cookie, { append: true })
  c.header('ETag', '"probe"')
  if (EMPTY.has(Number(status))) return c.body(null, Number(status) as 204)
  c.header('Content-Type', type)
  return c.body(
    Uint8Array.from({ length: Number(size) }, (_, place) => place % 251),
    Number(status) as 200,
  )
})

/** `?chunks=&everyMs=`: lines with a pause after each, as server-sent events have. */
export const slowProbe = createFunction().get('/conformance/slow', (c) => {
  const { chunks = '5', everyMs = '300' } = c.req.query()
  const { clock } = c.env.platform
  async function* lines() {
    for (let chunk = 1; chunk <= Number(chunks); chunk++) {
      yield `data: ${chunk}\n\n`
      if (chunk < Number(chunks)) await clock.sleep(Number(everyMs))
    }
  }
  c.header('Content-Type', 'text/event-stream')
  return c.body(textStream(lines()))
})

/** Fails as asked: with a problem of the table, or with an error that carries what must never be told. */
export const failProbe = createFunction().post('/conformance/fail/:how', (c: Context<FunctionEnv>) => {
  const how = c.req.param('how') ?? ''
  if (how in PROBLEMS) throw new Problem(how as ProblemCode, 'The probe was asked for this problem')
  throw new Error(`Cannot reach ${c.env.platform.config.sources[how] ?? how}`)
})

/** What the platform tells of this invocation. */
export const invocationProbe = createFunction().get('/conformance/invocation', (c) => {
  const { clock, deadline, workerId, store, files } = c.env.platform
  return c.json({ now: clock.now(), deadline, workerId, store: store.kind, files: files.root })
})
