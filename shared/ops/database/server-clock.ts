import type { Clock } from '../../platform/clock.ts'
import type { Queryable } from '../../platform/store.ts'
import { SERVER_TIME } from './server-time.ts'

const READ = `select ${SERVER_TIME} as now`

/** By how much this process's clock is ahead of the store's server, in ms; behind where negative. What the way takes is left out. */
export async function clockSkewMs(store: Queryable, clock: Clock): Promise<number> {
  const before = clock.now().getTime()
  const { rows } = await store.query<{ now: Date }>(READ)
  const after = clock.now().getTime()
  const server = rows[0]?.now.getTime() ?? before
  if (server < before) return before - server
  return server > after ? after - server : 0
}
