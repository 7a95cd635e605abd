import { type LockChain, listLockChains } from '../database/lock-chains.ts'
import { countOwnSessions, sessionIn, sessionTarget } from '../database/own-sessions.ts'
import type { FaultClass } from '../incidents/fault.ts'

const WAIT_SECONDS_MAX = 15 // within the patience of a statement of the store (20 s), so that it is known before it gives up

/** Sessions that wait behind one another for locks, where Helix waits or is waited for. */
export const lockWaitChain: FaultClass = {
  name: 'lock_wait_chain',
  severity: 'P1',
  layer: 'system',
  meaning: {
    zh: '多个会话排队等锁，其中有 Helix 的会话',
    en: 'Sessions wait for locks behind one another, those of Helix among them',
  },
  kind: 'session',
  async detect({ store, clock }) {
    if (store.kind === 'embedded') return { ill: [], of: 0 }
    const chains = (await listLockChains(store)).filter(concernsHelix)
    const ill = chains.map(({ head, waiting }) => {
      const seconds = Math.max(...waiting.map((one) => one.seconds))
      const waiters = waiting.map(({ session }) => ({ pid: session.pid, application: session.application }))
      const target = sessionTarget({ ...head, seconds }, head.transactionStart, clock.now())
      return { ...target, facts: { ...target.facts, waiters } }
    })
    return { ill, of: Math.max(ill.length, await countOwnSessions(store)) }
  },
  async diagnose(_platform, { facts }) {
    const { pid, own, application, user, state, statement, seconds } = sessionIn(facts)
    const waiters = facts.waiters as { pid: number }[]
    const behind = waiters.map((waiter) => waiter.pid).join(', ')
    const time = Math.round(seconds)
    const zh = `会话 ${behind} 等待会话 ${pid} 持有的锁已 ${time} 秒；会话 ${pid}（${application || '未命名'}，${user}）的状态是 ${state}：${statement}`
    const en = `Sessions ${behind} have waited for up to ${time} s for locks of session ${pid} (${application || 'unnamed'}, ${user}), which is ${state}: ${statement}`
    if (own) return { rule: 'own-head', explanation: { zh, en }, repair: 'break-lock-chain' }
    return {
      rule: 'foreign-head',
      explanation: {
        zh: `${zh}。它不是 Helix 的会话，Helix 不会结束它：请联系其负责人`,
        en: `${en}. It is none of Helix, which ends no others: ask whoever owns it`,
      },
      repair: null,
    }
  },
}

function concernsHelix({ head, waiting }: LockChain): boolean {
  return waiting.some(({ session, seconds }) => (session.own || head.own) && seconds > WAIT_SECONDS_MAX)
}
