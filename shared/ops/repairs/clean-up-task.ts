import { cleanUp } from '../dirty-data/cleanup.ts'
import { isRepairable } from '../dirty-data/fault-of-type.ts'
import { isTaskClean } from '../dirty-data/second-question.ts'
import type { Repair } from '../incidents/repair.ts'

const BY = 'repair:clean-up-task'

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
    const { id, plan } = await cleanUp(platform, request)
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
