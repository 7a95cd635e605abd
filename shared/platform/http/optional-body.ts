import type { MiddlewareHandler } from 'hono'

/** For endpoints whose body may be left out: none at all counts as an empty object. */
export const optionalBody: MiddlewareHandler = async (c, next) => {
  const text = await c.req.raw.clone().text()
  if (text.trim() === '') {
    const { url, method, headers } = c.req.raw
    c.req.raw = new Request(url, { method, headers, body: '{}' })
  }
  await next()
}
