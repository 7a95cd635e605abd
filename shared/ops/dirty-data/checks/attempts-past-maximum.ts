import { isAbandoned } from '../../zombies/abandoned.ts'
import type { Check } from '../check.ts'

/** Type D: an execution was tried more often than it may. */
export const attemptsPastMaximum: Check = {
  name: 'attempts-past-maximum',
  type: 'D',
  severity: 'P1',
  meaning: { zh: '尝试次数超过上限', en: 'The execution was tried more often than it may be' },
  repair: {
    zh: '未结束的执行标记为 failed；已结束的执行将尝试次数改为上限',
    en: 'An execution that goes on becomes failed; of one that has ended the count is set to the maximum',
  },
  find({ executions }) {
    return executions
      .filter(({ status, attempt, maxAttempts }) => {
        const goesOn = status === 'queued' || status === 'running'
        return attempt > maxAttempts || (goesOn && attempt >= maxAttempts)
      })
      .map(({ executionId, attempt, maxAttempts }) => {
        const detail = { zh: `${attempt} 次，上限 ${maxAttempts} 次`, en: `${attempt} of at most ${maxAttempts}` }
        return { executionId, fileName: null, detail }
      })
  },
  plan({ executionId }, picture, draft) {
    const execution = picture.executions.find((one) => one.executionId === executionId)
    if (execution === undefined) return
    if (execution.status !== 'queued' && execution.status !== 'running') draft.capAttempts(execution)
    // A worker that is alive on it ends by itself; taking its work away would undo what it is doing.
    else if (execution.status === 'queued' || isAbandoned(execution, picture)) draft.giveUp(execution)
  },
}
