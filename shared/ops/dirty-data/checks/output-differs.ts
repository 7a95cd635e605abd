import type { Check } from '../check.ts'
import { type FileFact, latestExecutions, latestOf, type OutputFact, type Picture } from '../picture.ts'
import { CHANGES, isBusy } from './busy-files.ts'

/** Whether a file is not what its row says; false where it was not read. */
export function differs(output: OutputFact, file: FileFact | undefined): boolean {
  if (file === undefined || output.hash === null) return false
  return file.size !== output.size || (file.hash !== null && file.hash !== output.hash)
}

/** Type A: an output of a completed execution is no longer what was recorded. */
export const outputDiffers: Check = {
  name: 'output-differs',
  type: 'A',
  severity: 'P1',
  meaning: {
    zh: '执行记录为 completed，但输出文件的内容与记录的 SHA-256 不一致',
    en: 'The execution is completed, but an output file is not what was recorded: its SHA-256 differs',
  },
  repair: {
    zh: '撤销该步骤：移除其输出和检查点，将执行标记为 failed（missing_output），任务可以继续执行来重做该步骤',
    en: 'Undo the step: its outputs and checkpoints are removed and the execution becomes failed (missing_output); resume the task to do it again',
  },
  find(picture) {
    return picture.outputs.flatMap((output) => {
      const owner = picture.executions.find(({ executionId }) => executionId === output.executionId)
      if (owner?.status !== 'completed' || isBusy(picture, output.fileName) || isHalfChanged(picture, output)) return []
      const file = picture.files?.get(output.fileName)
      return differs(output, file) ? [{ executionId: owner.executionId, fileName: output.fileName }] : []
    })
  },
  plan({ executionId }, picture, draft) {
    const execution = picture.executions.find((one) => one.executionId === executionId)
    if (execution === undefined) return
    draft.undoStep(latestOf(picture, execution.step) ?? execution)
  },
}

// What sql_validation writes anew: the pairs, and what is made of them.
const REWRITTEN = /_pair\.json$|^training_data\.jsonl$/

/**
 * Whether a later step was cancelled or failed after it had begun to change the file: it took a copy of the pairs as
 * their row has them, and goes on from that when the task is resumed.
 */
function isHalfChanged(picture: Picture, { fileName, step }: OutputFact): boolean {
  if (!REWRITTEN.test(fileName)) return false
  const halfway = latestExecutions(picture).some(
    (execution) => execution.status !== 'completed' && CHANGES[execution.step]?.includes(step ?? '') === true,
  )
  const hashes = new Map(picture.outputs.map((output) => [output.fileName, output.hash]))
  return halfway && [...hashes].some(([name, hash]) => hash !== null && hashes.get(`${name}.backup`) === hash)
}
