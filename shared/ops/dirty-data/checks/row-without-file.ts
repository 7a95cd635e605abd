import type { Check } from '../check.ts'
import type { OutputFact, Picture } from '../picture.ts'
import { requiredFiles } from '../required.ts'
import { isBusy } from './busy-files.ts'

/** Type B: a row among the outputs leads to no file. */
export const rowWithoutFile: Check = {
  name: 'row-without-file',
  type: 'B',
  severity: 'P2',
  meaning: { zh: '输出记录指向的文件不存在', en: 'A row among the outputs leads to no file' },
  repair: { zh: '移除该输出记录', en: 'The row is removed' },
  find(picture) {
    const { files } = picture
    if (files === null) return []
    return picture.outputs
      .filter((output) => output.hash !== null && !files.has(output.fileName))
      .filter((output) => !isBusy(picture, output.fileName) && !isRequired(picture, output))
      .map(({ executionId, fileName }) => ({ executionId, fileName }))
  },
  plan({ fileName }, picture, draft) {
    const output = picture.outputs.find((one) => one.fileName === fileName)
    if (output !== undefined) draft.removeOutput(output)
  },
}

/** A completed execution that lacks a file is type A. */
function isRequired(picture: Picture, { executionId, fileName }: OutputFact): boolean {
  const owner = picture.executions.find((one) => one.executionId === executionId)
  return owner?.status === 'completed' && requiredFiles(picture, owner).includes(fileName)
}
