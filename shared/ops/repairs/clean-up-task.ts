import { Problem } from '../../platform/problems.ts'
import { cleanUp } from '../dirty-data/cleanup.ts'
import { isRepairable } from '../dirty-data/fault-of-type.ts'
import { isTaskClean } from '../dirty-data/second-question.ts'
import type { Repair, RepairOutcome } from '../incidents/repair.ts'

const BY = 'repair:clean-up-task'

const GONE: RepairOutcome = {
  changed: false,
  summary: { zh: '任务已被删除，无需清理', en: 'The task has been deleted: there is nothing to clean up' },
}

/** Cleans up what a task has of one type, as a person would: planned, kept, in one transaction, to be rolled back. */
export const cleanUpTask: Repair = {
  name: 'clean-up-task',
  async run(platform, { id: taskId, facts }, { incidentId, hold }) {
    const request = {
      taskId,
      execute: true,
      by: BY,
      reason: `incident ${incidentId}`,
      only: (finding: { type: string; check: string }) => finding.type === facts.type && isRepairable(finding),
      hold,
    }
    const done = await cleanUp(platform, request).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'task_not_found') return null
      throw error
    })
    if (done === null) return GONE
    const { id, plan } = done
    const { length: rows } = plan.rows
    const { length: files } = plan.files
    return {
      changed: rows + files > 0,
      summary: {
        zh: `清理 ${id}：${rows} 行，${files} 个文件。撤销：helix rollback ${id}`,
        en: `${id}: ${rows} rows, ${files} files. To undo it: helix rollback ${id}`,
      },
    }
  },
  verify: (platform, { id, facts }) => isTaskClean(platform, id, facts),
}
