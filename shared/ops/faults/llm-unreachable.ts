import { listDegraded } from '../errors/budget-store.ts'
import { MODELS } from '../errors/works.ts'
import type { FaultClass } from '../incidents/fault.ts'

/** A model that has failed so often in a row that it is not called for now. Asking it each minute would cost tokens. */
export const llmUnreachable: FaultClass = {
  name: 'llm_unreachable',
  severity: 'P1',
  layer: 'component',
  kind: 'model',
  meaning: { zh: '大模型或向量化服务连续失败', en: 'The language or embedding model fails again and again' },
  async detect({ store }) {
    const degraded = (await listDegraded(store)).filter(({ operation }) => MODELS.includes(operation))
    return {
      of: MODELS.length,
      ill: degraded.map(({ operation, failures, code, since }) => {
        return { id: operation, facts: { failures, code }, occurredAt: since }
      }),
    }
  },
  async diagnose({ config }, { id, facts }) {
    const url = id === 'llm' ? config.HELIX_LLM_BASE_URL : config.HELIX_EMBEDDING_BASE_URL
    const host = url === undefined ? '' : new URL(url).host
    return {
      rule: 'model-fails',
      explanation: {
        zh: `${id}（${host}）已连续失败 ${facts.failures} 次（${facts.code}），暂停调用；问答生成期间改用内置生成器`,
        en: `${id} (${host}) has failed ${facts.failures} times in a row (${facts.code}) and is not called for now`,
      },
      repair: 'try-model',
    }
  },
}
