import type { FaultClass, FaultTarget } from '../incidents/fault.ts'
import { instanceOf } from '../metrics/machine-samples.ts'
import { otherProcesses, type ProcessReport } from '../metrics/process-reports.ts'

const CHECKOUT_MS_MAX = 120_000 // a statement is given up after 20 s, a transaction that pauses for 15 s is ended

/** A connection to the store that was taken from a process's pool and never given back. */
export const leakedConnection: FaultClass = {
  name: 'leaked_connection',
  severity: 'P1',
  layer: 'component',
  meaning: {
    zh: '从连接池取出的连接一直没有归还，连接池终会耗尽',
    en: 'A connection was taken from the pool and not given back; some day the pool has none left',
  },
  kind: 'pool',
  async detect(platform) {
    const { machine, workerId, clock } = platform
    const own = { instance: instanceOf(workerId), workerId, pool: (await machine.read()).pool, at: clock.now() }
    const told = [own, ...(await otherProcesses(platform))].filter(({ pool }) => pool !== null)
    return { ill: told.flatMap(leakOf), of: told.length }
  },
  async diagnose({ machine, workerId }, { facts }) {
    const { place, ms, total, idle, max } = facts
    const seconds = Math.round(Number(ms) / 1000)
    const used = Number(total) - Number(idle)
    const isOwn = facts.worker_id === workerId
    const can = !isOwn || machine.reclaimConnections !== undefined
    const holder = { zh: `，由 ${facts.worker_id} 自行收回`, en: `; ${facts.worker_id} takes it back itself` }
    const rest = can ? (isOwn ? { zh: '', en: '' } : holder) : { zh: '；请重启该运行器', en: '; restart that runner' }
    return {
      rule: isOwn ? 'held-by-this-process' : 'held-elsewhere',
      explanation: {
        zh: `${place} 取出的连接已 ${seconds} 秒没有归还（已取出 ${used} 个，上限 ${max}）${rest.zh}`,
        en: `A connection taken at ${place} has been out for ${seconds} s (${used} of ${max} are out)${rest.en}`,
      },
      repair: can ? 'reclaim-connection' : null,
    }
  },
}

function leakOf({
  instance,
  workerId,
  pool,
  at,
}: Pick<ProcessReport, 'instance' | 'workerId' | 'pool' | 'at'>): FaultTarget[] {
  if (pool?.longestCheckout == null || pool.longestCheckout.ms <= CHECKOUT_MS_MAX) return []
  const { longestCheckout: longest, total, idle, waiting, max } = pool
  const { place } = longest
  const facts = { instance, worker_id: workerId, place, ms: Math.round(longest.ms), total, idle, waiting, max }
  const id = `${workerId}:${place}`.slice(0, 300)
  return [{ id, facts, occurredAt: new Date(at.getTime() - longest.ms) }]
}
