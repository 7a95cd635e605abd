import type { FaultClass, FaultTarget } from '../incidents/fault.ts'
import { instanceOf } from '../metrics/machine-samples.ts'
import { otherProcesses } from '../metrics/process-reports.ts'

export const FREE_SHARE_MIN = 0.05

/** Little room is left where the files of a process lie. */
export const fullDisk: FaultClass = {
  name: 'full_disk',
  severity: 'P0',
  layer: 'infrastructure',
  kind: 'disk',
  meaning: { zh: '文件所在磁盘即将写满', en: 'The disk with the files is nearly full' },
  async detect(platform) {
    const { machine, files, workerId } = platform
    const { disk } = await machine.read()
    const own = { instance: instanceOf(workerId), disk: disk === null ? null : { ...disk, root: files.root } }
    const told = [own, ...(await otherProcesses(platform))].flatMap(({ instance, disk }) =>
      disk === null ? [] : [{ instance, ...disk }],
    )
    const ill = told.filter(({ freeBytes, totalBytes }) => freeBytes < FREE_SHARE_MIN * totalBytes)
    return { of: told.length, ill: ill.map(targetOf) }
  },
  async diagnose(_, { id, facts }) {
    const root = String(facts.root ?? id)
    const free = Math.round(Number(facts.free_bytes) / 1_000_000)
    const total = Math.round(Number(facts.total_bytes) / 1_000_000)
    return {
      rule: 'little-room',
      explanation: {
        zh: `${root} 所在磁盘仅剩 ${free} MB（共 ${total} MB），将立即按保留策略清理过期任务、日志和孤立文件`,
        en: `The disk with ${root} has ${free} MB left of ${total} MB; what is older than it is kept is deleted now`,
      },
      repair: 'free-disk',
    }
  },
}

function targetOf(of: { instance: string; root: string; freeBytes: number; totalBytes: number }): FaultTarget {
  const { instance, root, freeBytes, totalBytes } = of
  const facts = { instance, root, free_bytes: freeBytes, total_bytes: totalBytes }
  return { id: `${instance}:${root}`.slice(0, 300), facts, occurredAt: null }
}
