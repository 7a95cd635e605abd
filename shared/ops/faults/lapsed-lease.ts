import type { FaultClass } from '../incidents/fault.ts'
import { listUnderWay, secondsSince } from '../incidents/under-way.ts'

/** Work whose worker has not reported for as long as its lease lasts. */
export const lapsedLease: FaultClass = {
  name: 'lapsed_lease',
  severity: 'P1',
  layer: 'system',
  kind: 'execution',
  meaning: {
    zh: '执行的租约已过期：工作进程没有按时报告',
    en: 'The lease of an execution has lapsed: its worker does not report',
  },
  async detect({ store, clock }) {
    const now = clock.now()
    const underWay = await listUnderWay(store)
    const ill = underWay.filter(
      ({ status, heartbeatAt, leaseExpiresAt }) =>
        status === 'running' && heartbeatAt !== null && (leaseExpiresAt === null || leaseExpiresAt <= now),
    )
    return {
      of: underWay.length,
      ill: ill.map(({ executionId, taskId, claim, leaseOwner, heartbeatAt }) => ({
        id: executionId,
        facts: { task_id: taskId, claim, owner: leaseOwner, heartbeat_at: heartbeatAt?.toISOString() ?? null },
        occurredAt: heartbeatAt,
      })),
    }
  },
  async diagnose({ clock }, { id, facts, occurredAt }) {
    const seconds = secondsSince(occurredAt, clock.now())
    return {
      rule: 'worker-silent',
      explanation: {
        zh: `${id} 的工作进程 ${facts.owner ?? '（未知）'} 已 ${seconds} 秒没有心跳，租约已过期`,
        en: `${facts.owner ?? 'The unknown worker'} of ${id} has not reported for ${seconds} s, and its lease has lapsed`,
      },
      repair: 'take-over-lease',
    }
  },
}
