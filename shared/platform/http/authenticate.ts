import type { MiddlewareHandler } from 'hono'
import { type ApiKey, mayActAs } from '../api-keys.ts'
import type { FunctionEnv } from '../platform.ts'
import { Problem } from '../problems.ts'
import { neededRole } from './access.ts'

const BEARER = /^Bearer +([^ ]+) *$/i

/**
 * Lets a request through whose key may make it, and remembers whose it is; with `HELIX_AUTH=off`, every request.
 * @throws {Problem} `unauthorized` without a valid key, `forbidden` with one of a lesser role
 */
export const authenticate: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  const { HELIX_AUTH: mode, HELIX_API_KEYS: keys = [] } = c.env.platform.config
  const { method, path } = c.req
  const needed = neededRole(method, path)
  if (mode === 'off' || needed === null) return await next()
  const given = BEARER.exec(c.req.header('Authorization') ?? '')?.[1]
  const holder = given === undefined ? null : await holderOf(given, keys)
  if (holder === null) {
    c.header('WWW-Authenticate', 'Bearer realm="helix"')
    throw new Problem('unauthorized', `${method} ${path} needs a key`, { hint: 'Send `Authorization: Bearer <key>`' })
  }
  if (!mayActAs(holder.role, needed)) {
    throw new Problem('forbidden', `${method} ${path} needs the role ${needed}; "${holder.name}" is ${holder.role}`)
  }
  c.set('subject', holder.name)
  await next()
}

/** Whose key it is. How long that takes tells nothing: digests are compared, whole, and with every key. */
async function holderOf(given: string, keys: readonly ApiKey[]): Promise<ApiKey | null> {
  const [wanted, ...known] = await Promise.all([given, ...keys.map(({ key }) => key)].map(digest))
  const found = keys.filter((_, index) => isSame(wanted, known[index]))
  return found[0] ?? null
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return false
  let difference = 0
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0)
  return difference === 0
}
