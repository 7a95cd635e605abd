import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'
import { openWorkflowApi, type WorkflowAnswer } from '../workflow-api.ts'

const LISTED_MAX = 200
const DESCRIPTION_MAX = 60

/** `helix workflow list`. @param group the command `workflow` */
export function addWorkflowListCommand(group: Command, context: CliContext): void {
  const { say, output } = context
  group
    .command('list')
    .description(say({ zh: '列出工作流，新的在前', en: 'Lists the workflows, the newest first.' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix workflow list`)
    .action(async (options: { readonly json?: boolean }) => {
      const { workflows } = await withApi(context, (api) => openWorkflowApi(api).list({ limit: LISTED_MAX }))
      if (options.json === true) return output.json({ workflows })
      for (const line of renderWorkflows(workflows, context)) output.result(line)
    })
}

function renderWorkflows(workflows: readonly WorkflowAnswer[], { say }: CliContext): string[] {
  const columns = [
    { title: say({ zh: '工作流', en: 'WORKFLOW' }) },
    { title: say({ zh: '版本', en: 'VERSION' }) },
    { title: say({ zh: '节点数', en: 'NODES' }) },
    { title: say({ zh: '更新时间', en: 'CHANGED' }) },
    { title: say({ zh: '说明', en: 'DESCRIPTION' }) },
  ]
  const rows = workflows.map(({ id, version, nodes, updated_at: changed, description, built_in: builtIn }) => [
    id,
    String(version),
    String(nodes),
    builtIn ? say({ zh: '内置', en: 'built in' }) : (changed?.replace('T', ' ') ?? ''),
    printable(description ?? '').slice(0, DESCRIPTION_MAX),
  ])
  return renderTable(columns, rows)
}
