import { asLeader } from '../shared/engine/leader.ts'
import { scan } from '../shared/ops/dirty-data/scan.ts'
import { tellOfDirtyData } from '../shared/ops/dirty-data/tell.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '0 */6 * * *'

/** Looks for dirty data and alerts on findings, bounded: what one tick leaves out, the next one begins with. */
export default createFunction().post('/scheduled/scan-dirty-data', async (c) => {
  const { platform } = c.env
  const answer = await asLeader(platform, 'scan-dirty-data', async () => {
    const found = await scan(platform, { by: 'scan-dirty-data' })
    await tellOfDirtyData(platform, found)
    const { id, counts, looked, leftOut } = found
    return { scan_id: id, counts, looked, left_out: leftOut }
  })
  return c.json(answer ?? { skipped: 'another runner leads this tick' })
})
