import type { MiddlewareHandler } from 'hono'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'

/** By which a program says that it means this interface: a page of another origin can't send it unasked. */
export const LOCAL_HEADER = 'x-helix-local'

// `helix.invalid` is what the command line calls a runner in its own process; no name server answers for it.
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost|helix\.invalid)$/

/** Whether a URL's host is this machine, as it calls itself. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

/** Lets in whoever is on this machine: no page of the web, neither by a form nor by a name that leads here. */
export const guard: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  const { hostname, origin } = new URL(c.req.url)
  if (!isLoopback(hostname)) {
    throw new Problem('forbidden', `This interface answers to the loopback address, not to "${hostname}"`)
  }
  const sameOrigin = c.req.header('origin') === origin
  if (c.req.method !== 'GET' && c.req.header(LOCAL_HEADER) !== '1' && !sameOrigin) {
    throw new Problem('forbidden', `Send the header ${LOCAL_HEADER}: 1 to change anything here`)
  }
  await next()
}
