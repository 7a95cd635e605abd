import { asLeader } from '../shared/engine/leader.ts'
import { cleanCleanupSnapshots } from '../shared/ops/dirty-data/clean-snapshots.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'
import { cleanSnapshots } from '../shared/workflow/snapshots/clean-snapshots.ts'

export const cron = '0 3 * * *'

/** Deletes snapshots of workflows and of clean-ups that are older than a week; the last good one of each workflow stays. */
export default createFunction().post('/scheduled/clean-snapshots', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'clean-snapshots', async () => {
    return { ...(await cleanSnapshots(platform)), cleanups: await cleanCleanupSnapshots(platform) }
  })
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
