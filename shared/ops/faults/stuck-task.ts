import type { Execution } from '../../engine/execution.ts'
import type { Queryable } from '../../platform/store.ts'
import type { FaultClass } from '../incidents/fault.ts'
import { isHeld, listUnderWay, secondsSince } from '../incidents/under-way.ts'

/** A worker notices its own deadline within a heartbeat; after this long it will not. */
export const OVERDUE_MS = 60_000
const STANDSTILL_MS = 30 * 60_000 // no step goes so long between two items, the slowest model included

// By the indexes of one execution's lines and one step's checkpoints.
const LAST_SIGN = `
  select greatest(
           (select max(timestamp) from data_pipeline_task_logs where execution_id = $1),
           (select max(created_at) from task_checkpoints where task_id = $2 and step = $3)) as at`

/** Work that lives, but past its deadline or without getting anywhere. */
export const stuckTask: FaultClass = {
  name: 'stuck_task',
  severity: 'P1',
  layer: 'application',
  kind: 'execution',
  meaning: {
    zh: '执行仍有心跳，但已超过期限或长时间没有进展',
    en: 'An execution lives, but is past its deadline or gets nowhere',
  },
  async detect({ store, clock }) {
    const now = clock.now()
    const held = (await listUnderWay(store)).filter((execution) => isHeld(execution, now))
    const ill = []
    for (const execution of held) {
      const since = isOverdue(execution, now) ? execution.deadlineAt : await stoodStillSince(store, execution, now)
      if (since === null) continue
      const { executionId, taskId, step, claim, deadlineAt } = execution
      const deadline = deadlineAt?.toISOString() ?? null
      const facts = { task_id: taskId, step, claim, overdue: isOverdue(execution, now), deadline_at: deadline }
      ill.push({ id: executionId, facts, occurredAt: since })
    }
    return { of: held.length, ill }
  },
  async diagnose({ clock }, { id, facts, occurredAt }) {
    const seconds = secondsSince(occurredAt, clock.now())
    if (facts.overdue === true) {
      return {
        rule: 'past-deadline',
        explanation: {
          zh: `${id} 超过期限 ${seconds} 秒仍未结束，工作进程没有响应超时`,
          en: `${id} goes on ${seconds} s after its deadline: its worker does not heed it`,
        },
        repair: 'end-overdue-execution',
      }
    }
    return {
      rule: 'no-progress',
      explanation: {
        zh: `${id} 有心跳，但 ${Math.round(seconds / 60)} 分钟没有任何日志或检查点。可用 helix cancel ${facts.task_id} 取消后再恢复`,
        en: `${id} reports, but has written no line and no checkpoint for ${Math.round(seconds / 60)} min. Cancel ${facts.task_id} and resume it, or wait`,
      },
      repair: null,
    }
  },
}

function isOverdue({ deadlineAt }: Execution, now: Date): boolean {
  return deadlineAt !== null && now.getTime() - deadlineAt.getTime() >= OVERDUE_MS
}

/** The last sign of work, where that is too long ago. */
async function stoodStillSince(store: Queryable, execution: Execution, now: Date): Promise<Date | null> {
  const { executionId, taskId, step, startedAt } = execution
  const isOld = (at: Date | null) => at !== null && now.getTime() - at.getTime() >= STANDSTILL_MS
  if (!isOld(startedAt)) return null
  const last = (await store.query<{ at: Date | null }>(LAST_SIGN, [executionId, taskId, step])).rows[0]?.at ?? startedAt
  return isOld(last) ? last : null
}
