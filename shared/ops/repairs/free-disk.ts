import { FREE_SHARE_MIN } from '../faults/full-disk.ts'
import type { Repair } from '../incidents/repair.ts'
import { cleanTasks } from '../retention/clean-tasks.ts'
import { canWrite } from './try-component.ts'

/** Deletes now what the nightly retention would: nothing that is still to be kept. */
export const freeDisk: Repair = {
  name: 'free-disk',
  async run(platform, { facts }, guard) {
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
  async verify(platform) {
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
