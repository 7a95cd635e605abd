import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'

interface CancelOptions {
  readonly json?: boolean
}

export function addCancelCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('cancel')
    .argument('<task>', say({ zh: '任务 id', en: 'id of the task' }))
    .summary(say({ zh: '取消一个任务', en: 'cancel a task' }))
    .description(
      say({
        zh: '取消任务：排队中的立即取消，执行中的在当前条目处理完后停止。之后可用 `helix resume` 继续。',
        en: 'Cancels a task: at once while it waits, after the item in hand while it runs. `helix resume` goes on with it.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix cancel manual_20250627_143052`)
    .action(async (taskId: string, options: CancelOptions) => {
      const answer = await withApi(context, (api) => api.cancelTask(taskId))
      if (options.json === true) return output.json(answer)
      const asked = say({
        zh: `已请求取消 ${taskId}，正在执行的步骤将在当前条目处理完后停止`,
        en: `${taskId} was asked to stop; it does after the item in hand`,
      })
      output.result(answer.cancel_requested ? asked : say({ zh: `已取消 ${taskId}`, en: `${taskId} is cancelled` }))
    })
}
