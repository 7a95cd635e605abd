import type { FaultClass } from '../incidents/fault.ts'
import { isFull, isUnclaimed, listUnderWay } from '../incidents/under-way.ts'

/** Work that was let in, and that no worker has come for: its message never arrived. */
export const lostMessage: FaultClass = {
  name: 'lost_message',
  severity: 'P1',
  layer: 'infrastructure',
  kind: 'execution',
  meaning: {
    zh: '执行已放行但无人领取：队列消息丢失',
    en: 'Work was let in but nobody has come for it: its message is lost',
  },
  async detect(platform) {
    const { store, clock } = platform
    const now = clock.now()
    const underWay = await listUnderWay(store)
    const ill = isFull(underWay, platform) ? [] : underWay.filter((execution) => isUnclaimed(execution, now))
    return {
      of: underWay.length,
      ill: ill.map(({ executionId, taskId, claim, status, attempt, availableAt }) => ({
        id: executionId,
        facts: { task_id: taskId, claim, status, attempt, available_at: availableAt.toISOString() },
        occurredAt: availableAt,
      })),
    }
  },
  async diagnose({ clock }, { id, facts, occurredAt }) {
    const seconds = occurredAt === null ? 0 : Math.round((clock.now().getTime() - occurredAt.getTime()) / 1000)
    const again = Number(facts.attempt) > 0
    return {
      rule: again ? 'retry-never-arrived' : 'message-never-arrived',
      explanation: {
        zh: `${id} 已等待 ${seconds} 秒，没有任何运行器领取（claim 仍为 ${facts.claim}），而运行器并未满载：${again ? '重试' : ''}消息已丢失`,
        en: `Nobody has come for ${id} in ${seconds} s (its claim is still ${facts.claim}) although there is room: the message${again ? ' of its retry' : ''} is lost`,
      },
      repair: 'resend-message',
    }
  },
}
