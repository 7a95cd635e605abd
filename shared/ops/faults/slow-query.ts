import { countOwnSessions, listSlowStatements, sessionIn, sessionTarget } from '../database/own-sessions.ts'
import type { FaultClass } from '../incidents/fault.ts'

/** A statement of Helix that the server is still at although nobody waits for its answer any more. */
export const slowQuery: FaultClass = {
  name: 'slow_query',
  severity: 'P1',
  layer: 'system',
  meaning: {
    zh: 'Helix 的一条语句执行过久：等待结果的一方早已放弃，它却仍占着连接和锁',
    en: 'A statement of Helix runs on although whoever asked has given up: it keeps a connection and its locks',
  },
  kind: 'session',
  async detect({ store, clock, config }) {
    if (store.kind === 'embedded') return { ill: [], of: 0 } // its one connection asks this very question
    const slow = await listSlowStatements(store, config.HELIX_SLOW_QUERY_SECONDS)
    const ill = slow.map((session) => sessionTarget(session, session.statementStart, clock.now()))
    return { ill, of: Math.max(ill.length, await countOwnSessions(store)) }
  },
  async diagnose(_platform, { facts }) {
    const { pid, seconds, statement, waitsFor } = sessionIn(facts)
    const time = Math.round(seconds)
    if (waitsFor?.startsWith('Lock/')) {
      return {
        rule: 'waits-for-lock',
        explanation: {
          zh: `会话 ${pid} 的语句等锁已 ${time} 秒（${waitsFor}）：${statement}。停掉它不影响持锁者，任务会重试`,
          en: `The statement of session ${pid} has waited for a lock (${waitsFor}) for ${time} s: ${statement}. To stop it does nothing to the holder; its task tries again`,
        },
        repair: 'stop-statement',
      }
    }
    return {
      rule: waitsFor === null ? 'computes' : 'waits',
      explanation: {
        zh: `会话 ${pid} 的语句已执行 ${time} 秒（${waitsFor ?? '正在计算'}）：${statement}`,
        en: `The statement of session ${pid} has run for ${time} s (${waitsFor ?? 'computing'}): ${statement}`,
      },
      repair: 'stop-statement',
    }
  },
}
