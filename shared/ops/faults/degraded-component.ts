import { listDegraded } from '../errors/budget-store.ts'
import { COMPONENTS } from '../errors/works.ts'
import type { FaultClass } from '../incidents/fault.ts'

/** A part of Helix itself that has failed so often in a row that it is not called for now. */
export const degradedComponent: FaultClass = {
  name: 'degraded_component',
  severity: 'P0',
  layer: 'component',
  kind: 'component',
  meaning: {
    zh: '文件、队列或沙箱连续失败，已自动降级',
    en: 'Files, queue or sandbox fail again and again and are not called for now',
  },
  async detect({ store }) {
    const degraded = (await listDegraded(store)).filter(({ operation }) => COMPONENTS.includes(operation))
    return {
      of: COMPONENTS.length,
      ill: degraded.map(({ operation, failures, code, since }) => {
        return { id: operation, facts: { failures, code }, occurredAt: since }
      }),
    }
  },
  diagnose: async (_, { id, facts }) => ({
    rule: 'failures-in-a-row',
    explanation: {
      zh: `${id} 已连续失败 ${facts.failures} 次（${facts.code}），暂停调用，每次只放行一个探测`,
      en: `${id} has failed ${facts.failures} times in a row (${facts.code}); it is not called but by one probe at a time`,
    },
    repair: 'try-component',
  }),
}
