import type { Command } from 'commander'
import { titleOf } from '../../../shared/engine/planned-workflow.ts'
import { type CliContext, withApi } from '../context.ts'
import { taskErrorText } from '../failure.ts'
import { stepsOf } from '../output/progress.ts'
import { renderFields, renderTable } from '../output/table.ts'
import { bytesText, durationText } from '../output/units.ts'
import { printable } from '../output/width.ts'
import { statusWord } from '../output/words.ts'
import { type RunReport, readReport, reportDocument } from '../run-report.ts'

interface TaskOptions {
  readonly json?: boolean
}

export function addTaskCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('task')
    .argument('<task>', say({ zh: '任务 id', en: 'id of the task' }))
    .summary(say({ zh: '查看一个任务', en: 'show one task' }))
    .description(
      say({ zh: '查看一个任务：步骤、错误、文件。', en: 'Shows one task: its steps, its error, its files.' }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix task manual_20250627_143052
  $ helix task manual_20250627_143052 --json | jq .quality.pairs`,
    )
    .action(async (taskId: string, options: TaskOptions) => {
      const report = await withApi(context, async (api) => {
        const task = await api.task(taskId)
        return await readReport(api, { task, executions: await api.executions(taskId) })
      })
      if (options.json === true) output.json(reportDocument(report, null))
      else for (const line of renderTask(report, context)) output.result(line)
    })
}

function renderTask(report: RunReport, { say, language, output }: CliContext): string[] {
  const { task, files, pairs } = report
  const style = output.resultStyle
  const fields: [string, string][] = [
    [say({ zh: '任务', en: 'Task' }), style.strong(task.task_id)],
    [say({ zh: '状态', en: 'Status' }), `${statusWord(task.status)[language]}, ${task.progress} %`],
    [say({ zh: '数据库', en: 'Database' }), printable(task.db_name)],
    [say({ zh: '创建时间', en: 'Created' }), task.created_at.replace('T', ' ')],
    [say({ zh: '结束时间', en: 'Ended' }), task.completed_at?.replace('T', ' ') ?? '–'],
    [say({ zh: '问答对', en: 'Pairs' }), String(pairs)],
    [say({ zh: '位置', en: 'Where' }), report.directory],
  ]
  if (task.error_message)
    fields.push([say({ zh: '错误', en: 'Error' }), style.bad(printable(taskErrorText(task, language)))])
  const steps = stepsOf(report).map(({ step, status, share, seconds }) => [
    titleOf(step)[language],
    statusWord(status)[language],
    `${Math.floor(share * 100)} %`,
    seconds === null ? '' : durationText(seconds, language),
  ])
  const stepColumns = [
    { title: say({ zh: '步骤', en: 'STEP' }) },
    { title: say({ zh: '状态', en: 'STATUS' }) },
    { title: say({ zh: '进度', en: 'DONE' }), align: 'right' as const },
    { title: say({ zh: '用时', en: 'TOOK' }), align: 'right' as const },
  ]
  const fileColumns = [
    { title: say({ zh: '文件', en: 'FILE' }) },
    { title: say({ zh: '大小', en: 'SIZE' }), align: 'right' as const },
  ]
  const fileRows = files.map((file) => [printable(file.file_name), bytesText(file.file_size)])
  const fileLines = files.length === 0 ? [] : ['', ...renderTable(fileColumns, fileRows)]
  return [...renderFields(fields), '', ...renderTable(stepColumns, steps), ...fileLines]
}
