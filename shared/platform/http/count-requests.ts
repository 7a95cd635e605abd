import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { flushRequests } from '../flush-requests.ts'
import type { FunctionEnv } from '../platform.ts'
import type { StatusClass } from '../request-figures.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const PROBE = '/api/v1/health/live' // answers without the store

/** Counts every answer by its route. A stream counts from the request to its head. */
export const countRequests: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  const { platform } = c.env
  const before = platform.clock.now().getTime()
  await next()
  const after = platform.clock.now()
  const labels = {
    method: METHODS.includes(c.req.method) ? c.req.method : 'other',
    route: routeOf(routePath(c, -1)),
    status: classOf(c.res.status),
  }
  platform.requests.add(labels, Math.max(0, after.getTime() - before) / 1000)
  // In a cloud no clock calls this process, and it may end after any answer: requests themselves see to it.
  const { requests } = platform
  if (labels.route !== PROBE && requests.isDue(after, requests.flushMs)) platform.defer(flushRequests(platform))
}

/** What no function answers is one route, however many paths are tried. */
function routeOf(path: string): string {
  return path.includes('*') ? 'other' : path
}

function classOf(status: number): StatusClass {
  if (status >= 500) return '5xx'
  if (status >= 400) return '4xx'
  return status >= 300 ? '3xx' : '2xx'
}
