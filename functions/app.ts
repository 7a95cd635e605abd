import { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import { countRequests } from '../shared/platform/http/count-requests.ts'
import { commonMiddleware } from '../shared/platform/http/create-function.ts'
import { problemResponse } from '../shared/platform/http/problem-response.ts'
import type { FunctionEnv } from '../shared/platform/platform.ts'
import { Problem } from '../shared/platform/problems.ts'

/** What is served of a manifest, which can't be imported from here. */
interface Served {
  readonly trigger: string
  readonly app: Hono<FunctionEnv>
}

/** All public functions as one app: what the local runner serves and a Worker's `fetch` calls. */
export function createApp(functions: readonly Served[]): Hono<FunctionEnv> {
  const app = new Hono<FunctionEnv>()
  app.onError(problemResponse)
  app.use(countRequests, ...commonMiddleware())
  for (const { trigger, app: mounted } of functions) if (trigger === 'http') app.route('/', mounted)
  const methods = methodsByPath(app)
  app.notFound((c) => {
    const allowed = methods(c.req.path)
    if (allowed.length === 0) throw new Problem('route_not_found', `There is no endpoint ${c.req.method} ${c.req.path}`)
    c.header('Allow', allowed.join(', '))
    throw new Problem('method_not_allowed', `${c.req.path} takes ${allowed.join(', ')}, not ${c.req.method}`)
  })
  return app
}

/** Which methods a path has, so that a wrong one is told from a missing endpoint (405, not 404). */
function methodsByPath(app: Hono<FunctionEnv>): (path: string) => string[] {
  const router = new TrieRouter<string>()
  for (const { method, path } of app.routes) if (method !== 'ALL') router.add('ALL', path, method)
  return (path) => {
    const found = new Set(router.match('ALL', path)[0].map(([method]) => method))
    if (found.has('GET')) found.add('HEAD')
    return [...found].toSorted()
  }
}
