import { existsSync } from 'node:fs'
import { maskText } from '../../../shared/platform/mask.ts'
import { placesOf } from '../../supervisor/places.ts'
import { backUpNow } from '../commands/backup.ts'
import type { CliContext } from '../context.ts'
import type { Background } from './background.ts'

const KEPT = 5 // recoveries in a row must not fill the disk that they may be about
const HEALTH_MS_MAX = 10_000

/**
 * Keeps the data as they are before anything is started on them again. A recovery goes on without it: what can't be
 * backed up may yet start.
 * @returns where the backup is; null where there is none
 */
export async function snapshotBefore(context: CliContext): Promise<string | null> {
  const { say, output } = context
  const config = context.config()
  if (config.DATABASE_URL === undefined && !existsSync(placesOf(config).store)) return null
  try {
    return (await backUpNow(context, { keep: KEPT }, config)).path
  } catch (error) {
    const reason = maskText(error instanceof Error ? error.message : String(error))
    output.note(
      say({ zh: `未能备份，继续恢复：${reason}`, en: `No backup could be taken, going on without: ${reason}` }),
    )
    return null
  }
}

/** How the runner that was started says it is; `unreachable` when it does not say anything. */
export async function healthAfter({ url }: Background): Promise<string> {
  if (url === null) return 'unreachable'
  try {
    // Asks the store as well, and needs no key.
    const response = await fetch(`${url}/api/v1/health/ready`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) })
    return response.ok ? 'healthy' : 'unhealthy'
  } catch {
    return 'unreachable'
  }
}
