import { HEARTBEAT_MS } from '../../engine/lease.ts'
import type { FaultClass } from '../incidents/fault.ts'
import { heldByWorker, listUnderWay, secondsSince } from '../incidents/under-way.ts'

/** Silence of all that a worker holds, four heartbeats long: one that is merely slow still reports for some of it. */
export const SILENCE_MS = 4 * HEARTBEAT_MS

/** A worker that reports for nothing it holds, although its leases still run. */
export const crashedRunner: FaultClass = {
  name: 'crashed_runner',
  severity: 'P1',
  layer: 'system',
  kind: 'worker',
  meaning: { zh: '运行器已崩溃，但仍占有租约', en: 'A runner is gone but still holds leases' },
  async detect({ store, clock }) {
    const now = clock.now()
    const owners = heldByWorker(await listUnderWay(store), now)
    const ill = [...owners].flatMap(([owner, executions]) => {
      const last = Math.max(...executions.map(({ heartbeatAt }) => heartbeatAt?.getTime() ?? Number.POSITIVE_INFINITY))
      if (now.getTime() - last < SILENCE_MS || last === Number.POSITIVE_INFINITY) return []
      const facts = {
        executions: executions.map(({ executionId, claim }) => ({ execution_id: executionId, claim })),
        heartbeat_at: new Date(last).toISOString(),
      }
      return [{ id: owner, facts, occurredAt: new Date(last) }]
    })
    return { of: owners.size, ill }
  },
  async diagnose({ clock }, { id, facts, occurredAt }) {
    const count = Array.isArray(facts.executions) ? facts.executions.length : 0
    const seconds = secondsSince(occurredAt, clock.now())
    return {
      rule: 'worker-gone',
      explanation: {
        zh: `运行器 ${id} 对其占有的 ${count} 个执行均已 ${seconds} 秒没有心跳`,
        en: `${id} has not reported for any of the ${count} executions that it holds for ${seconds} s`,
      },
      repair: 'take-over-runner',
    }
  },
}
