import type { FaultClass } from '../incidents/fault.ts'

export const FREE_SHARE_MIN = 0.05

/** Little room is left where the files lie. */
export const fullDisk: FaultClass = {
  name: 'full_disk',
  severity: 'P0',
  layer: 'infrastructure',
  kind: 'disk',
  meaning: { zh: '文件所在磁盘即将写满', en: 'The disk with the files is nearly full' },
  async detect({ machine, files }) {
    const { disk } = await machine.read()
    if (disk === null) return { ill: [], of: 0 }
    const { freeBytes, totalBytes } = disk
    const facts = { free_bytes: freeBytes, total_bytes: totalBytes }
    return { of: 1, ill: freeBytes < FREE_SHARE_MIN * totalBytes ? [{ id: files.root, facts, occurredAt: null }] : [] }
  },
  async diagnose(_, { id, facts }) {
    const free = Math.round(Number(facts.free_bytes) / 1_000_000)
    const total = Math.round(Number(facts.total_bytes) / 1_000_000)
    return {
      rule: 'little-room',
      explanation: {
        zh: `${id} 所在磁盘仅剩 ${free} MB（共 ${total} MB），将立即按保留策略清理过期任务、日志和孤立文件`,
        en: `The disk with ${id} has ${free} MB left of ${total} MB; what is older than it is kept is deleted now`,
      },
      repair: 'free-disk',
    }
  },
}
