import type { Platform } from '../../platform/platform.ts'
import { raiseAlert, resolveAlert } from '../alerts/alerts.ts'
import type { Scan } from './scan-store.ts'

export const DIRTY_ALERT = 'dirty_data'

/** Raises one alert for all that a scan has found, and ends it when a whole scan finds nothing. */
export async function tellOfDirtyData(platform: Platform, { id, counts, leftOut }: Scan): Promise<void> {
  const { store, clock, log } = platform
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (total === 0) {
    const isWhole = leftOut.length === 0
    if (isWhole && (await resolveAlert(store, DIRTY_ALERT, clock.now()))) log('alert.resolved', { rule: DIRTY_ALERT })
    return
  }
  const severity = total > counts.B ? 'P1' : 'P2' // orphans alone cost room and order, nobody's work
  const named = Object.entries(counts).filter(([, count]) => count > 0)
  const list = named.map(([type, count]) => `${type} ${count}`).join(', ')
  const message = {
    zh: `扫描 ${id} 发现 ${total} 处脏数据（${list}）。下一步：helix scan`,
    en: `The scan ${id} has found ${total} pieces of dirty data (${list}). Next: helix scan`,
  }
  const alert = { rule: DIRTY_ALERT, severity, message, value: total } as const
  if (await raiseAlert(store, alert, clock.now())) log('alert.raised', { rule: DIRTY_ALERT, severity, value: total })
}
