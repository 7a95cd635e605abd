import type { Platform } from '../../platform/platform.ts'
import { canWrite } from '../errors/works.ts'
import { FREE_SHARE_MIN } from '../faults/full-disk.ts'
import type { Facts } from '../incidents/fault.ts'
import type { Repair, Verdict } from '../incidents/repair.ts'
import { instanceOf } from '../metrics/machine-samples.ts'
import { lastReport } from '../metrics/process-reports.ts'
import { cleanTasks } from '../retention/clean-tasks.ts'

/** Deletes now what the nightly retention would: nothing that is still to be kept. */
export const freeDisk: Repair = {
  name: 'free-disk',
  async run(platform, { facts }, guard) {
    if (!isOwn(platform, facts)) {
      const { instance } = facts
      return {
        changed: false,
        summary: {
          zh: `磁盘属于 ${instance}，只有它自己能清理`,
          en: `The disk is that of ${instance}: only it can free it`,
        },
      }
    }
    await guard.hold(platform.store, { before: facts, after: { retention: 'run' } })
    const { files, orphan_files: orphans, reports, tasks } = await cleanTasks(platform)
    const deleted = files + orphans + reports
    return {
      changed: deleted > 0 || tasks > 0,
      summary: {
        zh: `已删除 ${tasks} 个过期任务和 ${deleted} 个文件`,
        en: `${tasks} old tasks and ${deleted} files were deleted`,
      },
    }
  },
  /** Whether a file can be written, and there is room for more. */
  async verify(platform, { facts }) {
    if (!isOwn(platform, facts)) return await verifyOther(platform, facts)
    try {
      if (!(await canWrite(platform))) return 'not_fixed'
    } catch {
      return 'not_fixed'
    }
    const { disk } = await platform.machine.read()
    if (disk === null) return 'unknown'
    return disk.freeBytes >= FREE_SHARE_MIN * disk.totalBytes ? 'fixed' : 'not_fixed'
  },
}

function isOwn({ workerId }: Platform, { instance }: Facts): boolean {
  return instance === undefined || instance === instanceOf(workerId)
}

/** By what the process with that disk has told since; one that has been silent for an hour is no more. */
async function verifyOther(platform: Platform, { instance }: Facts): Promise<Verdict> {
  const report = await lastReport(platform, String(instance))
  if (report === null) return 'fixed'
  if (!report.isRecent || report.disk === null) return 'unknown'
  return report.disk.freeBytes >= FREE_SHARE_MIN * report.disk.totalBytes ? 'fixed' : 'not_fixed'
}
