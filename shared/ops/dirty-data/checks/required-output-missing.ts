import type { Check } from '../check.ts'
import type { Found } from '../finding.ts'
import { latestExecutions, type Picture } from '../picture.ts'
import { recordedTables, requiredFiles, tablesSaid } from '../required.ts'
import { isBusy } from './busy-files.ts'

/** Type A: a completed execution lacks the row or the file of an output that it must have. */
export const requiredOutputMissing: Check = {
  name: 'required-output-missing',
  type: 'A',
  severity: 'P1',
  meaning: {
    zh: '执行记录为 completed，但缺少必需的输出（输出记录或文件不存在）',
    en: 'The execution is completed, but an output that it must have is missing (its row or its file)',
  },
  repair: {
    zh: '撤销该步骤：移除其输出和检查点，将执行标记为 failed（missing_output），任务可以继续执行来重做该步骤',
    en: 'Undo the step: its outputs and checkpoints are removed and the execution becomes failed (missing_output); resume the task to do it again',
  },
  find(picture) {
    const completed = latestExecutions(picture).filter(({ status }) => status === 'completed')
    const rows = new Set(picture.outputs.map(({ fileName }) => fileName))
    return completed.flatMap((execution) => {
      const required = requiredFiles(picture, execution).filter((name) => !isBusy(picture, name))
      const missing = required.flatMap((name): Found[] => {
        const found = { executionId: execution.executionId, fileName: name }
        if (!rows.has(name)) return [{ ...found, detail: { zh: '没有输出记录', en: 'there is no row of it' } }]
        if (picture.files === null || picture.files.has(name)) return []
        return [{ ...found, detail: { zh: '文件不存在', en: 'there is no such file' } }]
      })
      const tables = execution.step === 'ddl_generation' ? tablesSaid(execution) : null
      const known = recordedTables(picture)
      if (tables === null || known >= tables || isBusy(picture, 'metadata.txt')) return missing
      return [...missing, shortOfTables(picture, execution.executionId, tables - known)]
    })
  },
  plan({ executionId }, picture, draft) {
    const execution = picture.executions.find((one) => one.executionId === executionId)
    if (execution !== undefined) draft.undoStep(execution)
  },
}

function shortOfTables(picture: Picture, executionId: string, count: number): Found {
  const rows = new Set(picture.outputs.map(({ fileName }) => fileName))
  const unknown = [...(picture.files?.keys() ?? [])].find((name) => /\.ddl$/.test(name) && !rows.has(name))
  return {
    executionId,
    fileName: unknown ?? null,
    detail: { zh: `有 ${count} 张表没有输出记录`, en: `${count} tables have no row among the outputs` },
  }
}
