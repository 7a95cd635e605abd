import type { Role } from '../api-keys.ts'

interface AccessRule {
  readonly methods: readonly string[]
  /** Of the request's path, without its query. */
  readonly path: RegExp
  readonly needs: Role | 'nobody'
}

const READ = ['GET', 'HEAD']
const CHANGE = ['POST', 'PUT', 'PATCH']

/**
 * Who may call what; the first rule that fits decides. Open are the probes of orchestrators, which have no key, and the pages
 * and descriptions that a browser opens by an address or a `<script>`, which can send no key: they are the same in every
 * installation and say nothing about this one. `/api/v1/health` names components, so it asks for a key.
 */
export const ACCESS: readonly AccessRule[] = [
  { methods: READ, path: /^\/api\/v1\/health\/(live|ready)$/, needs: 'nobody' },
  { methods: READ, path: /^\/(docs|openapi\.json|port-discovery\.js)?$/, needs: 'nobody' },
  { methods: READ, path: /^\//, needs: 'viewer' },
  { methods: CHANGE, path: /^\/api\/v0\/data_pipeline\/(tasks|sources)(\/|$)/, needs: 'operator' },
  { methods: CHANGE, path: /^\/api\/v0\/training\/search$/, needs: 'operator' },
  { methods: CHANGE, path: /^\/api\/v1\/(jobs|coordinator|nodes|workflows)(\/|$)/, needs: 'operator' },
  { methods: CHANGE, path: /^\/api\/v1\/alerts\/[^/]+\/(ack|silence)$/, needs: 'operator' },
]

/** The least role that may call an endpoint; null when it is open. What no rule names is an admin's. */
export function neededRole(method: string, path: string): Role | null {
  const rule = ACCESS.find((candidate) => candidate.methods.includes(method) && candidate.path.test(path))
  if (rule === undefined) return 'admin'
  return rule.needs === 'nobody' ? null : rule.needs
}
