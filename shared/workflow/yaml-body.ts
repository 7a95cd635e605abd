import type { MiddlewareHandler } from 'hono'

const YAML_TYPE = /^(application|text)\/(x-)?yaml\b|^text\/plain\b/i

/** For endpoints that take a workflow: a body in YAML counts as `{"definition": "…"}`. */
export const yamlBody: MiddlewareHandler = async (c, next) => {
  if (YAML_TYPE.test(c.req.header('content-type') ?? '')) {
    const { url, method } = c.req.raw
    const definition = await c.req.raw.text()
    const headers = new Headers(c.req.raw.headers)
    headers.set('content-type', 'application/json')
    headers.delete('content-length')
    c.req.raw = new Request(url, { method, headers, body: JSON.stringify({ definition }) })
  }
  await next()
}
