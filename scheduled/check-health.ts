import { checkHealth } from '../shared/ops/health/check-health.ts'
import { checkIncidents, repairOwn } from '../shared/ops/incidents/check-incidents.ts'
import { noteStatements } from '../shared/ops/performance/statements.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '* * * * *'

/** Looks at every component, then for faults, which it has repaired and verified, and tells people what can not wait. */
export default createFunction().post('/scheduled/check-health', async (c) => {
  const { platform } = c.env
  const counts = await checkHealth(platform, async () => {
    await noteStatements(platform) // before a repair ends some of them
    return await checkIncidents(platform)
  })
  return c.json({ ...counts, own_repairs: await repairOwn(platform) })
})
