import type { Check } from '../check.ts'
import { activeOf, latestExecutions, type Picture } from '../picture.ts'
import { requiredFiles } from '../required.ts'

// They are there from the first moment of a task, and while it is being accepted before its rows are.
const OWN_FILES: ReadonlySet<string> = new Set(['task_config.json', 'task_result.json', 'data_pipeline.log'])

/** Type B: a file lies in a task's folder and no row knows of it. */
export const fileWithoutRow: Check = {
  name: 'file-without-row',
  type: 'B',
  severity: 'P2',
  meaning: { zh: '任务目录中的文件没有对应的输出记录', en: "A file lies in a task's folder, and no row knows of it" },
  repair: { zh: '移除该文件', en: 'The file is removed' },
  find(picture) {
    const { files, task } = picture
    // A file comes before its row: while anything is under way, one that is new may be on its way there.
    if (files === null || activeOf(picture).length > 0) return []
    const known = new Set([...picture.outputs.map(({ fileName }) => fileName), ...missed(picture)])
    return [...files.keys()]
      .filter((name) => !known.has(name) && !(task !== null && OWN_FILES.has(name)))
      .map((fileName) => ({ executionId: null, fileName }))
  },
  plan({ fileName }, _, draft) {
    if (fileName !== null) draft.removeFile(fileName)
  },
}

/** Files that a completed execution must have: that their rows are missing is type A. */
function missed(picture: Picture): string[] {
  const completed = latestExecutions(picture).filter(({ status }) => status === 'completed')
  return completed.flatMap((execution) => requiredFiles(picture, execution))
}
