import type { Platform } from '../../platform/platform.ts'
import { call } from '../alerts/channels/post.ts'

/** Tells a watch outside that Helix lives, so that its silence is noticed. @returns whether the watch has heard it; null where there is none */
export async function sendHeartbeat(platform: Platform): Promise<boolean | null> {
  const { HELIX_HEARTBEAT_URL: url } = platform.config
  if (url === undefined) return null
  try {
    const { status } = await call(platform, url, { method: 'GET' })
    if (status >= 200 && status < 300) return true
    throw new Error(`HTTP ${status}`)
  } catch (cause) {
    platform.log('background.failed', {
      what: 'heartbeat',
      message: cause instanceof Error ? cause.message : String(cause),
    })
    return false
  }
}
