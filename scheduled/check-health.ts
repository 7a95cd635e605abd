import { asLeader } from '../shared/engine/leader.ts'
import { checkIncidents } from '../shared/ops/incidents/check-incidents.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '* * * * *'

/** Looks for faults, explains them, and has them repaired and verified. */
export default createFunction().post('/scheduled/check-health', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'check-health', async () => ({ incidents: await checkIncidents(platform) }))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
