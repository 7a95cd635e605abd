import { asLeader } from '../shared/engine/leader.ts'
import { foldLogs } from '../shared/ops/logs/fold.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '* * * * *'

/** Makes new lines of the logs findable by an index. */
export default createFunction().post('/scheduled/fold-logs', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'fold-logs', () => foldLogs(platform))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
