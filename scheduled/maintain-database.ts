import { asLeader } from '../shared/engine/leader.ts'
import { maintainDatabase } from '../shared/ops/database/maintain.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '0 3 * * *'

/** Vacuums and analyzes the tables that need it, and asks how the server is. */
export default createFunction().post('/scheduled/maintain-database', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'maintain-database', () => maintainDatabase(platform))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
