import type { Command } from 'commander'
import { TASK_STATUSES } from '../../../shared/engine/transitions.ts'
import type { TaskSummaryAnswer } from '../answers.ts'
import { type CliContext, withApi } from '../context.ts'
import { addListOptions } from '../option-values.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'
import { statusWord } from '../output/words.ts'

interface TasksOptions {
  readonly status?: string
  readonly limit: number
  readonly json?: boolean
}

export function addTasksCommand(program: Command, context: CliContext): void {
  const { say } = context
  addListOptions(
    program
      .command('tasks')
      .summary(say({ zh: '列出任务', en: 'list tasks' }))
      .description(say({ zh: '列出任务，最新的在前。', en: 'Lists tasks, newest first.' })),
    context,
    { statuses: TASK_STATUSES },
  )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix tasks --status failed
  $ helix tasks --limit 5 --json`,
    )
    .action(async (options: TasksOptions) => {
      const { tasks } = await withApi(context, (api) => api.tasks({ status: options.status, limit: options.limit }))
      if (options.json === true) context.output.json(tasks)
      else tellTasks(context, tasks)
    })
}

function tellTasks({ output, say, language }: CliContext, tasks: readonly TaskSummaryAnswer[]): void {
  if (tasks.length === 0) {
    output.note(
      say({ zh: '还没有任务。用 `helix run` 执行一个。', en: 'There are no tasks. Run one with `helix run`.' }),
    )
    return
  }
  const columns = [
    { title: say({ zh: '任务', en: 'TASK' }) },
    { title: say({ zh: '状态', en: 'STATUS' }) },
    { title: say({ zh: '进度', en: 'PROGRESS' }), align: 'right' as const },
    { title: say({ zh: '数据库', en: 'DATABASE' }) },
    { title: say({ zh: '创建时间', en: 'CREATED' }) },
  ]
  const rows = tasks.map((task) => [
    task.task_id,
    statusWord(task.status)[language],
    `${task.progress} %`,
    printable(task.db_name),
    task.created_at.replace('T', ' '),
  ])
  for (const line of renderTable(columns, rows)) output.result(line)
}
