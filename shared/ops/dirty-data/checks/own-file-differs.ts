import type { Check } from '../check.ts'
import { isBusy } from './busy-files.ts'
import { differs } from './output-differs.ts'

/** Type B: a file that belongs to no completed execution is not what its row says. */
export const ownFileDiffers: Check = {
  name: 'own-file-differs',
  type: 'B',
  severity: 'P2',
  meaning: {
    zh: '输出记录与文件不一致（大小或 SHA-256 不同）',
    en: 'A row among the outputs does not describe its file: size or SHA-256 differ',
  },
  repair: { zh: '按文件的实际内容更新输出记录', en: 'The row is brought in line with the file' },
  find(picture) {
    return picture.outputs.flatMap((output) => {
      const owner = picture.executions.find(({ executionId }) => executionId === output.executionId)
      // Of a completed execution it is type A, of a failed one an orphan as a whole.
      if (output.executionId !== null && owner === undefined) return []
      if (owner?.status === 'completed' || owner?.status === 'failed' || isBusy(picture, output.fileName)) return []
      const file = picture.files?.get(output.fileName)
      return differs(output, file) ? [{ executionId: output.executionId, fileName: output.fileName }] : []
    })
  },
  plan({ fileName }, picture, draft) {
    const output = picture.outputs.find((one) => one.fileName === fileName)
    if (output !== undefined) draft.adopt(output)
  },
}
