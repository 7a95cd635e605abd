import type { Check } from '../check.ts'
import { latestOf } from '../picture.ts'

/** Type B: an artifact is there, but its execution has failed and no later one has taken it over. */
export const outputOfFailedExecution: Check = {
  name: 'output-of-failed-execution',
  type: 'B',
  severity: 'P2',
  meaning: {
    zh: '孤儿输出：产生它的执行已失败',
    en: 'An orphan: the execution that produced this output has failed',
  },
  repair: {
    zh: '移除该输出及其文件，以及该步骤的检查点（继续执行时将从头开始该步骤）',
    en: 'The output, its file and the checkpoints of the step are removed: a resumed task begins the step anew',
  },
  find(picture) {
    return picture.outputs.flatMap((output) => {
      const owner = picture.executions.find(({ executionId }) => executionId === output.executionId)
      if (owner?.status !== 'failed' || latestOf(picture, owner.step) !== owner) return []
      return [{ executionId: owner.executionId, fileName: output.fileName }]
    })
  },
  plan({ executionId, fileName }, picture, draft) {
    const output = picture.outputs.find((one) => one.fileName === fileName && one.executionId === executionId)
    if (output !== undefined) draft.removeOutput(output)
    const execution = picture.executions.find((one) => one.executionId === executionId)
    if (execution !== undefined) draft.beginAnew(execution.step)
  },
}
