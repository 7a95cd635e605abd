import type { FaultClass } from '../incidents/fault.ts'

const CHECKOUT_MS_MAX = 120_000 // a statement is given up after 20 s, a transaction that pauses for 15 s is ended

/** A connection to the store that was taken from this process's pool and never given back. */
export const leakedConnection: FaultClass = {
  name: 'leaked_connection',
  severity: 'P1',
  layer: 'component',
  meaning: {
    zh: '从连接池取出的连接一直没有归还，连接池终会耗尽',
    en: 'A connection was taken from the pool and not given back; some day the pool has none left',
  },
  kind: 'pool',
  async detect({ machine, workerId, clock }) {
    const { pool } = await machine.read()
    if (pool === null) return { ill: [], of: 0 }
    const { longestCheckout: longest, total, idle, waiting, max } = pool
    if (longest === null || longest.ms <= CHECKOUT_MS_MAX) return { ill: [], of: 1 }
    const facts = { worker_id: workerId, place: longest.place, ms: Math.round(longest.ms), total, idle, waiting, max }
    const id = `${workerId}:${longest.place}`.slice(0, 300)
    return { ill: [{ id, facts, occurredAt: new Date(clock.now().getTime() - longest.ms) }], of: 1 }
  },
  async diagnose({ machine, workerId }, { facts }) {
    const { place, ms, total, idle, max } = facts
    const seconds = Math.round(Number(ms) / 1000)
    const used = Number(total) - Number(idle)
    const here = facts.worker_id === workerId && machine.reclaimConnections !== undefined
    return {
      rule: here ? 'held-by-this-process' : 'held-elsewhere',
      explanation: {
        zh: `${place} 取出的连接已 ${seconds} 秒没有归还（已取出 ${used} 个，上限 ${max}）${here ? '' : '；只有持有它的进程能收回，请重启该运行器'}`,
        en: `A connection taken at ${place} has been out for ${seconds} s (${used} of ${max} are out)${here ? '' : '; only the process that holds it can take it back: restart that runner'}`,
      },
      repair: here ? 'reclaim-connection' : null,
    }
  },
}
