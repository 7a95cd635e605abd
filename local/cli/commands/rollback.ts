import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { openOpsApi } from '../ops-api.ts'

interface RollbackOptions {
  readonly reason?: string
  readonly json?: boolean
}

export function addRollbackCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('rollback')
    .argument('<cleanup>', say({ zh: '清理 id', en: 'id of the clean-up' }))
    .summary(say({ zh: '撤销一次清理', en: 'undo a clean-up' }))
    .description(
      say({
        zh: '撤销一次清理：行与文件逐字节恢复。其间被占用的行或文件会使回滚被拒绝并说明原因。',
        en: 'Undoes a clean-up: rows and files are again as they were, to the byte. It is refused, with the reason, where a row or file has been taken meanwhile.',
      }),
    )
    .option('--reason <text>', say({ zh: '原因，写入审计日志', en: 'why; kept in the audit log' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async (id: string, { reason, json }: RollbackOptions) => {
      const body = reason === undefined ? {} : { reason }
      const undone = await withApi(context, (api, client) => openOpsApi(api, client).rollBack(id, body))
      if (json === true) return output.json(undone)
      const { counts, task_id: task } = undone
      output.result(
        say({
          zh: `已回滚 ${id}：任务 ${task} 的 ${counts.rows} 行、${counts.files} 个文件已按清理前恢复`,
          en: `Rolled back ${id}: ${counts.rows} rows and ${counts.files} files of ${task} are as they were`,
        }),
      )
    })
}
