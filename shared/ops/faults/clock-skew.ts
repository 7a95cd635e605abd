import { LEASE_MARGIN_MS } from '../../engine/lease.ts'
import { clockSkewMs } from '../database/server-clock.ts'
import type { FaultClass } from '../incidents/fault.ts'

/** A process whose clock is further from the server's than leases allow for. Nothing but setting the clock helps. */
export const clockSkew: FaultClass = {
  name: 'clock_skew',
  severity: 'P1',
  layer: 'infrastructure',
  kind: 'worker',
  meaning: { zh: '运行器的时钟与数据库服务器相差过大', en: "A runner's clock is too far from the store server's" },
  async detect({ store, clock, workerId }) {
    if (clock.simulated === true) return { ill: [], of: 0 }
    const skewMs = await clockSkewMs(store, clock)
    const facts = { skew_ms: skewMs }
    return { of: 1, ill: Math.abs(skewMs) > LEASE_MARGIN_MS ? [{ id: workerId, facts, occurredAt: null }] : [] }
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
