import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { openWorkflowApi } from '../workflow-api.ts'

interface WorkflowDeleteOptions {
  readonly force?: boolean
  readonly reason?: string
  readonly json?: boolean
}

/** `helix workflow delete`. @param group the command `workflow` */
export function addWorkflowDeleteCommand(group: Command, context: CliContext): void {
  const { say, output } = context
  group
    .command('delete')
    .argument('<workflow>', say({ zh: '工作流 id', en: 'id of the workflow' }))
    .description(
      say({
        zh: '删除一个工作流。有任务正在执行时拒绝；已有运行记录时需要 --force，这些任务保留其版本。七天内可以用 `helix workflow rollback` 恢复。',
        en: 'Deletes a workflow. Refused while tasks of it run; with a history of tasks it takes --force, and they keep their versions. For seven days `helix workflow rollback` brings it back.',
      }),
    )
    .option('--force', say({ zh: '即使已有运行记录', en: 'also when ended tasks have run it' }))
    .option(
      '--reason <text>',
      say({ zh: '原因，写入快照和审计日志', en: 'why; kept with the snapshot and in the audit log' }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix workflow delete sales_growth
  $ helix workflow delete sales_growth --force --reason "replaced by sales_trend"`,
    )
    .action(async (id: string, { force = false, reason, json }: WorkflowDeleteOptions) => {
      const deleted = await withApi(context, (api) => openWorkflowApi(api).remove(id, { force, reason }))
      if (json === true) return output.json(deleted)
      output.result(output.resultStyle.good(say({ zh: `已删除 ${deleted.id}`, en: `Deleted ${deleted.id}` })))
      const back = `helix workflow rollback ${deleted.id}`
      output.note(say({ zh: `七天内可以恢复：${back}`, en: `For seven days this brings it back: ${back}` }))
    })
}
