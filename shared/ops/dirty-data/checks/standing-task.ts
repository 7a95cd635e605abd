import type { Check } from '../check.ts'
import { activeOf } from '../picture.ts'

/** Type C: a task is in progress, and nothing of it waits or runs. */
export const standingTask: Check = {
  name: 'standing-task',
  type: 'C',
  severity: 'P1',
  meaning: {
    zh: '任务状态为 in_progress，但没有任何排队中或执行中的步骤',
    en: 'The task is in progress, but nothing of it is queued or running',
  },
  repair: {
    zh: '按各步骤最近一次执行的结果重新确定任务状态，之后可以继续执行',
    en: 'The task gets the status that its latest executions tell; it can then be resumed',
  },
  find(picture) {
    const stands = picture.task?.status === 'in_progress' && activeOf(picture).length === 0
    return stands ? [{ executionId: null, fileName: null }] : []
  },
  plan(_, __, draft) {
    draft.settle()
  },
}
