import type { Platform } from '../../platform/platform.ts'
import { asProblem } from '../../platform/problems.ts'
import type { FaultClass, FaultTarget } from '../incidents/fault.ts'

const SOURCES_MAX = 20 // of one check

/** A configured business database that can not be connected to. */
export const sourceUnreachable: FaultClass = {
  name: 'source_unreachable',
  severity: 'P1',
  layer: 'component',
  kind: 'source',
  meaning: { zh: '数据源无法连接', en: 'A source can not be connected to' },
  async detect(platform) {
    const servers = platform.sources.list().filter(({ kind }) => kind === 'server')
    const looked = servers.slice(0, SOURCES_MAX)
    const found = await Promise.all(looked.map(({ name, address }) => look(platform, name, address)))
    return { of: looked.length, ill: found.filter((target) => target !== null) }
  },
  async diagnose(_, { id, facts }) {
    const refused = facts.code === 'source_refused'
    return {
      rule: refused ? 'source-refuses' : 'source-silent',
      explanation: refused
        ? {
            zh: `数据源 ${id}（${facts.address}）拒绝连接：请检查用户名、密码和权限。${facts.message}`,
            en: `The source ${id} (${facts.address}) refuses: check user, password and permissions. ${facts.message}`,
          }
        : {
            zh: `数据源 ${id}（${facts.address}）没有响应：${facts.message}`,
            en: `The source ${id} (${facts.address}) does not answer: ${facts.message}`,
          },
      repair: 'reach-source',
    }
  },
}

async function look(platform: Platform, name: string, address: string): Promise<FaultTarget | null> {
  try {
    const source = await platform.sources.open({ name, asked: true })
    await source[Symbol.asyncDispose]()
    return null
  } catch (thrown) {
    const { code, message } = asProblem(thrown)
    if (!['source_unreachable', 'source_refused', 'component_degraded'].includes(code)) throw thrown
    return { id: name, facts: { address, code, message }, occurredAt: null }
  }
}
