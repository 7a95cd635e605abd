import type { Platform } from '../../platform/platform.ts'
import type { Facts } from '../incidents/fault.ts'
import type { Repair, Verdict } from '../incidents/repair.ts'
import { instanceOf } from '../metrics/machine-samples.ts'
import { lastReport } from '../metrics/process-reports.ts'

const CHECKOUT_MS_MAX = 120_000 // what was taken since is not the one that was seen

// Whether the pool can lend again is asked of the pool itself, by borrowing.
const BORROW = `
  select 1 as lent`

/** Closes connections that this process has kept for too long, so that its pool opens others. */
export const reclaimConnection: Repair = {
  name: 'reclaim-connection',
  async run({ machine, store, workerId }, { facts }, guard) {
    if (facts.worker_id !== workerId || machine.reclaimConnections === undefined) {
      return {
        changed: false,
        summary: {
          zh: `连接由 ${facts.worker_id} 持有，只有它自己能收回`,
          en: `${facts.worker_id} holds the connection: only it can take it back`,
        },
      }
    }
    await guard.hold(store)
    const closed = machine.reclaimConnections(CHECKOUT_MS_MAX)
    if (closed > 0) await guard.hold(store, { before: facts, after: { closed } })
    return {
      changed: closed > 0,
      summary: { zh: `收回了 ${closed} 个连接`, en: `Connections taken back: ${closed}` },
    }
  },
  async verify(platform, { facts }) {
    const { machine, store, workerId } = platform
    if (facts.worker_id !== workerId) return await verifyOther(platform, facts)
    const { pool } = await machine.read()
    if (pool === null) return 'unknown'
    if (pool.longestCheckout !== null && pool.longestCheckout.ms > CHECKOUT_MS_MAX) return 'not_fixed'
    return (await store.query(BORROW)).rowCount === 1 ? 'fixed' : 'not_fixed'
  },
}

/** By what the holder has told since; a process that is gone, or was started again, has taken its connections along. */
async function verifyOther(platform: Platform, { instance, worker_id: workerId }: Facts): Promise<Verdict> {
  if (instance === instanceOf(platform.workerId)) return 'fixed'
  const report = await lastReport(platform, String(instance))
  if (report === null || report.workerId !== workerId) return 'fixed'
  if (!report.isRecent || report.pool === null) return 'unknown'
  const { longestCheckout } = report.pool
  return longestCheckout === null || longestCheckout.ms <= CHECKOUT_MS_MAX ? 'fixed' : 'not_fixed'
}
