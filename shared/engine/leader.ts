import type { Platform } from '../platform/platform.ts'

const TERM_MS = 55_000 // shorter than the shortest schedule, so that a dead leader costs one tick at most

// One row a name: free, lapsed or already ours.
const TAKE_LEAD = `
  insert into leases (name, owner, epoch, expires_at)
  values ($1, $2, 1, $3)
  on conflict (name) do update
     set owner = excluded.owner, epoch = leases.epoch + 1, expires_at = excluded.expires_at
   where leases.expires_at <= $4 or leases.owner = excluded.owner
  returning epoch`

const LEAVE_LEAD = `
  update leases
     set expires_at = $3
   where name = $1 and owner = $2`

/** Does `work` in at most one process at a time; null where another one leads. The work itself must be safe to run twice. */
export async function asLeader<T>(platform: Platform, name: string, work: () => Promise<T>): Promise<T | null> {
  const now = platform.clock.now()
  const expiresAt = new Date(now.getTime() + TERM_MS)
  const { rowCount } = await platform.store.query(TAKE_LEAD, [name, platform.workerId, expiresAt, now])
  if (rowCount === 0) return null
  try {
    return await work()
  } finally {
    await platform.store.query(LEAVE_LEAD, [name, platform.workerId, platform.clock.now()])
  }
}
