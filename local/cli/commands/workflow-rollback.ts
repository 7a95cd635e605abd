import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { openWorkflowApi } from '../workflow-api.ts'

interface WorkflowRollbackOptions {
  readonly snapshot?: string
  readonly reason?: string
  readonly json?: boolean
}

/** `helix workflow rollback`. @param group the command `workflow` */
export function addWorkflowRollbackCommand(group: Command, context: CliContext): void {
  const { say, output } = context
  group
    .command('rollback')
    .argument('<workflow>', say({ zh: '工作流 id', en: 'id of the workflow' }))
    .description(
      say({
        zh: '撤销工作流的最近一次变更或删除；用 --snapshot 回到指定快照。',
        en: 'Undoes the last change of a workflow, or its deletion; with --snapshot it goes back to that one.',
      }),
    )
    .option('--snapshot <id>', say({ zh: '快照 id', en: 'id of a snapshot' }))
    .option('--reason <text>', say({ zh: '原因，写入审计日志', en: 'why; kept in the audit log' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix workflow rollback sales_growth
  $ helix workflow rollback sales_growth --snapshot 12`,
    )
    .action(async (id: string, { snapshot, reason, json }: WorkflowRollbackOptions) => {
      const body = {
        ...(snapshot === undefined ? {} : { snapshot_id: snapshotId(context, snapshot) }),
        ...(reason === undefined ? {} : { reason }),
      }
      const done = await withApi(context, (api) => openWorkflowApi(api).rollBack(id, body))
      if (json === true) return output.json(done)
      const { restored_version: restored, to_version: to } = done
      const told = done.changed
        ? say({
            zh: `${id} 已恢复为版本 ${restored} 的内容，成为版本 ${to}`,
            en: `${id} is what version ${restored} was again, as version ${to}`,
          })
        : say({ zh: `${id} 已经是版本 ${restored} 的内容`, en: `${id} is what version ${restored} was already` })
      output.result(output.resultStyle.good(told))
    })
}

function snapshotId({ say }: CliContext, given: string): number {
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given)
  const told = say({ zh: `快照 id 无效：${given}`, en: `${JSON.stringify(given)} is no id of a snapshot` })
  throw new CliFailure(EXIT.usage, 'invalid_snapshot', told, { hint: '--snapshot 12' })
}
