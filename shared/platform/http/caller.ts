import type { Context } from 'hono'
import type { FunctionEnv } from '../platform.ts'

/** Who makes something: the name of the caller's key, and where no key is asked for, what kind of caller it is. */
export function callerOf(c: Context<FunctionEnv>, trigger: 'api' | 'manual'): string {
  return c.var.subject ?? (trigger === 'manual' ? 'cli' : 'anonymous')
}
