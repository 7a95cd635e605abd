import type { Platform } from '../../platform/platform.ts'
import { sandboxHealth } from '../../sandbox/sandbox-health.ts'
import { makeProbeDue } from '../errors/budget-store.ts'
import type { Repair } from '../incidents/repair.ts'

/** Lets a component be called again, if it works. */
export const tryComponent: Repair = {
  name: 'try-component',
  async run({ store, clock }, { id }, guard) {
    await guard.hold(store)
    const changed = await makeProbeDue(store, id, clock.now())
    return { changed, summary: { zh: '已允许立即重试', en: 'The next call may try at once' } }
  },
  /** Not whether it is held back, but whether it does its work. */
  async verify(platform, { id }) {
    try {
      return (await works(platform, id)) ? 'fixed' : 'not_fixed'
    } catch {
      return 'not_fixed'
    }
  },
}

async function works(platform: Platform, component: string): Promise<boolean> {
  if (component === 'sandbox') {
    const { engine, ...able } = await sandboxHealth(platform)
    return Object.values(able).every(Boolean)
  }
  if (component === 'queue') {
    // A repair that there is not: whoever gets it answers "stale".
    await platform.queue.send({ function: 'repair-incident', body: { incident_id: Number.MAX_SAFE_INTEGER, claim: 0 } })
    return true
  }
  return await canWrite(platform)
}

/** Whether a small file can be put and is there then. */
export async function canWrite({ files }: Pick<Platform, 'files'>): Promise<boolean> {
  const key = 'reports/probe.txt'
  await files.put(key, PROBE, { derived: true })
  const found = await files.head(key)
  await files.delete([key])
  return found?.size === PROBE.length
}

const PROBE = '.'.repeat(64 * 1024) // more than what a file system packs into a name's own block
