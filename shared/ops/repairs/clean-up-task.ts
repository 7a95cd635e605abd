import { Problem } from '../../platform/problems.ts'
import { cleanUp } from '../dirty-data/cleanup.ts'
import { isRepairable } from '../dirty-data/fault-of-type.ts'
import { goOn, type LeftToDo, leftToDo } from '../dirty-data/go-on.ts'
import { isTaskClean } from '../dirty-data/second-question.ts'
import type { Facts, Text } from '../incidents/fault.ts'
import type { Repair, RepairOutcome } from '../incidents/repair.ts'

const BY = 'repair:clean-up-task'

const GONE: RepairOutcome = {
  changed: false,
  summary: { zh: '任务已被删除，无需清理', en: 'The task has been deleted: there is nothing to clean up' },
}

/**
 * Cleans up what a task has of one type, as a person would: planned, kept, in one transaction, to be rolled back. Then the
 * task goes on as far as it had come, unless its step was undone as often as it may be tried.
 */
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
    const left = mayGoOn(facts) ? await goOn(platform, { taskId, by: BY }, hold) : NOTHING
    const further = furtherOf(left, taskId)
    return {
      changed: rows + files > 0 || left.kind === 'due',
      summary: {
        zh: `清理 ${id}：${rows} 行，${files} 个文件。撤销：helix rollback ${id}${further.zh}`,
        en: `${id}: ${rows} rows, ${files} files. To undo it: helix rollback ${id}${further.en}`,
      },
    }
  },
  async verify(platform, { id, facts }) {
    const verdict = await isTaskClean(platform, id, facts)
    if (verdict !== 'fixed' || !mayGoOn(facts)) return verdict
    return (await leftToDo(platform.store, id, BY)).kind === 'nothing' ? 'fixed' : 'not_fixed'
  },
}

const NOTHING: LeftToDo = { kind: 'nothing' }

/** A clean-up of these types ends a task's work before its end. */
function mayGoOn({ type }: Facts): boolean {
  return type === 'A' || type === 'C'
}

function furtherOf(left: LeftToDo, taskId: string): Text {
  switch (left.kind) {
    case 'nothing':
      return { zh: '', en: '' }
    case 'due':
      return { zh: '。任务从断点继续执行', en: '. The task goes on from there' }
    case 'spent':
      return {
        zh: `。${left.step} 已 ${left.times} 次丢失输出，不再自动重做。查明原因后：helix resume ${taskId}`,
        en: `. ${left.step} has lost its outputs ${left.times} times and is not done again by itself. When you know why: helix resume ${taskId}`,
      }
  }
}
