import type { Check } from '../check.ts'
import { activeOf } from '../picture.ts'

/** Type B: an artifact is there, and nobody knows the execution that is said to have produced it. */
export const outputOfMissingExecution: Check = {
  name: 'output-of-missing-execution',
  type: 'B',
  severity: 'P2',
  meaning: {
    zh: '孤儿输出：产生它的执行记录不存在',
    en: 'An orphan: the execution that produced this output does not exist',
  },
  repair: {
    zh: '移除该输出及其文件，以及该步骤的检查点',
    en: 'The output, its file and the checkpoints of the step are removed',
  },
  find(picture) {
    if (activeOf(picture).length > 0) return []
    const known = new Set(picture.executions.map(({ executionId }) => executionId))
    return picture.outputs
      .filter(({ executionId }) => executionId !== null && !known.has(executionId))
      .map(({ executionId, fileName }) => ({ executionId, fileName }))
  },
  plan({ fileName }, picture, draft) {
    const output = picture.outputs.find((one) => one.fileName === fileName)
    if (output === undefined) return
    draft.removeOutput(output)
    if (output.step !== null) draft.beginAnew(output.step)
  },
}
