import { countOwnSessions, listIdleInTransaction, sessionIn, sessionTarget } from '../database/own-sessions.ts'
import type { FaultClass } from '../incidents/fault.ts'

/** A session of Helix that has begun a transaction and gone silent: its process hangs or is gone without a word. */
export const idleInTransaction: FaultClass = {
  name: 'idle_in_transaction',
  severity: 'P1',
  layer: 'system',
  meaning: {
    zh: 'Helix 的一个会话开着事务却不再说话：它占着锁，也使死行无法清理',
    en: 'A session of Helix has a transaction open and says nothing more: its locks stay, and dead rows can not be removed',
  },
  kind: 'session',
  async detect({ store, clock, config }) {
    if (store.kind === 'embedded') return { ill: [], of: 0 }
    const idle = await listIdleInTransaction(store, config.HELIX_IDLE_TRANSACTION_SECONDS)
    const ill = idle.map((session) => sessionTarget(session, session.transactionStart, clock.now()))
    return { ill, of: Math.max(ill.length, await countOwnSessions(store)) }
  },
  async diagnose(_platform, { facts }) {
    const { pid, seconds, statement } = sessionIn(facts)
    const time = Math.round(seconds)
    return {
      rule: 'transaction-left-open',
      explanation: {
        zh: `会话 ${pid} 在事务中已沉默 ${time} 秒，最后一条语句：${statement}。Helix 的事务在语句之间不会超过 15 秒，所以它的进程已挂起或已消失`,
        en: `Session ${pid} has been silent within a transaction for ${time} s, after: ${statement}. Helix never pauses for 15 s there, so its process hangs or is gone`,
      },
      repair: 'end-idle-session',
    }
  },
}
