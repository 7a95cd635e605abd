import { asLeader } from '../shared/engine/leader.ts'
import { checkAlerts } from '../shared/ops/alerts/check-alerts.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '*/5 * * * *'

/** Raises an alert for every rule that is broken, and ends those of rules that hold again. */
export default createFunction().post('/scheduled/check-alerts', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'check-alerts', () => checkAlerts(platform))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
