import { asLeader } from '../shared/engine/leader.ts'
import { sweepZombies } from '../shared/engine/sweep.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '* * * * *'

/** Takes over what dead workers left, sends lost messages again, lets waiting runs in. */
export default createFunction().post('/scheduled/sweep-zombies', async (c) => {
  const { platform } = c.env
  const counts = await asLeader(platform, 'sweep-zombies', () => sweepZombies(platform))
  return c.json(counts ?? { skipped: 'another runner leads this tick' })
})
