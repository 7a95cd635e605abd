import { LEASE_MARGIN_MS } from '../../engine/lease.ts'
import { clockSkewMs } from '../database/server-clock.ts'
import type { FaultClass } from '../incidents/fault.ts'
import { otherProcesses } from '../metrics/process-reports.ts'

/** A process whose clock is further from the server's than leases allow for. Nothing but setting the clock helps. */
export const clockSkew: FaultClass = {
  name: 'clock_skew',
  severity: 'P1',
  layer: 'infrastructure',
  kind: 'worker',
  meaning: { zh: '运行器的时钟与数据库服务器相差过大', en: "A runner's clock is too far from the store server's" },
  async detect(platform) {
    const { store, clock, workerId } = platform
    if (clock.simulated === true) return { ill: [], of: 0 }
    const own = { workerId, clockSkewMs: await clockSkewMs(store, clock) }
    const told = [own, ...(await otherProcesses(platform))].flatMap(({ workerId: id, clockSkewMs: skewMs }) =>
      skewMs === null ? [] : [{ id, skewMs }],
    )
    const ill = told.filter(({ skewMs }) => Math.abs(skewMs) > LEASE_MARGIN_MS)
    return { of: told.length, ill: ill.map(({ id, skewMs }) => ({ id, facts: { skew_ms: skewMs }, occurredAt: null })) }
  },
  async diagnose(_, { id, facts }) {
    const seconds = (Math.abs(Number(facts.skew_ms)) / 1000).toFixed(1)
    const ahead = Number(facts.skew_ms) > 0
    return {
      rule: ahead ? 'clock-ahead' : 'clock-behind',
      explanation: {
        zh: `运行器 ${id} 的时钟比数据库服务器${ahead ? '快' : '慢'} ${seconds} 秒，超过租约允许的 ${LEASE_MARGIN_MS / 1000} 秒。claim 号仍能防止重复写入；请检查两台机器的时间同步（NTP）`,
        en: `The clock of ${id} is ${seconds} s ${ahead ? 'ahead of' : 'behind'} the store server's; leases allow for ${LEASE_MARGIN_MS / 1000} s. Claim numbers still keep writes apart; check the time service (NTP) of both machines`,
      },
      repair: null,
    }
  },
}
