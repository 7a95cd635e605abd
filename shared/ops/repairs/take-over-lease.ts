import { findExecution } from '../../engine/execution.ts'
import { rescueExecution } from '../../engine/sweep.ts'
import type { Repair } from '../incidents/repair.ts'

/** Takes one execution from a worker that is gone, by its lease: fenced, queued again or failed, as its attempts say. */
export const takeOverLease: Repair = {
  name: 'take-over-lease',
  async run(platform, { id, facts }, guard) {
    await guard.hold(platform.store, { before: facts, after: { taken_over: true } })
    const done = await rescueExecution(platform, id, Number(facts.claim))
    return {
      changed: done !== null && done !== 'leave',
      summary: SUMMARIES[done ?? 'leave'],
    }
  },
  /** Not whether the lease has lapsed, but who holds it now: nobody by that claim, or one who has reported since. */
  async verify({ store }, { id, facts }) {
    const execution = await findExecution(store, id)
    if (execution === null || execution.status !== 'running' || execution.claim > Number(facts.claim)) return 'fixed'
    const reported = execution.heartbeatAt?.toISOString() ?? null
    return reported !== null && reported !== facts.heartbeat_at ? 'fixed' : 'not_fixed'
  },
}

const SUMMARIES = {
  leave: { zh: '租约已不再过期，未改动', en: 'The lease was taken up meanwhile; nothing was changed' },
  resend: { zh: '已重新发送消息', en: 'The message was sent again' },
  requeue: { zh: '已接管并重新排队', en: 'Taken over and queued again' },
  fail: { zh: '尝试次数已用完，已标记为失败', en: 'Taken over and failed: its attempts are used up' },
  cancel: { zh: '已按请求取消', en: 'Taken over and cancelled, as somebody had asked' },
} as const
