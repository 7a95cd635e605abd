import * as z from 'zod'
import type { Platform } from '../platform.ts'

const PATIENCE_MS = 3_000 // load balancers give a health check five seconds

export const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const
export const HealthStatus = z.enum(HEALTH_STATUSES)

/** Whether the store answers within a few seconds; what it fails with is for the log. */
export async function storeHealth({ store, clock, log }: Platform): Promise<'healthy' | 'unhealthy'> {
  const answered = new AbortController()
  const answer = store.query('select 1').then(
    () => 'healthy' as const,
    (cause: unknown) => {
      log('background.failed', { what: 'store health', message: String(cause) })
      return 'unhealthy' as const
    },
  )
  const silence = clock.sleep(PATIENCE_MS, answered.signal).then(() => 'unhealthy' as const)
  return await Promise.race([answer, silence]).finally(() => answered.abort())
}
