import { asLeader } from '../shared/engine/leader.ts'
import { cleanTasks } from '../shared/ops/retention/clean-tasks.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '0 3 * * *'

/** Deletes tasks, logs, records and files that are older than they are kept. */
export default createFunction().post('/scheduled/clean-tasks', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'clean-tasks', () => cleanTasks(platform))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
