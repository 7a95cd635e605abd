import type { Command } from 'commander'
import { parseWorkflow } from '../../../shared/workflow/graph/parse-workflow.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { textOfFile } from '../text-of-file.ts'
import { openWorkflowApi } from '../workflow-api.ts'

interface WorkflowCreateOptions {
  readonly id?: string
  readonly replace?: boolean
  readonly reason?: string
  readonly json?: boolean
}

/** `helix workflow create`. @param group the command `workflow` */
export function addWorkflowCreateCommand(group: Command, context: CliContext): void {
  const { say, output } = context
  group
    .command('create')
    .argument('<file>', say({ zh: 'YAML 或 JSON 文件，- 表示标准输入', en: 'a YAML or JSON file; - for stdin' }))
    .description(
      say({
        zh: '检查并保存一个工作流；加 --replace 时为已有工作流保存新版本。',
        en: 'Checks a workflow and keeps it; with --replace it becomes the next version of one that is there.',
      }),
    )
    .option(
      '--id <id>',
      say({ zh: '工作流 id，默认取文件中的 id 或名称', en: 'its id, when the file does not name one' }),
    )
    .option('--replace', say({ zh: '更新已有的工作流', en: 'change the workflow that is there' }))
    .option('--reason <text>', say({ zh: '更新的原因，写入快照', en: 'why it is changed; kept with the snapshot' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix workflow create local/samples/workflows/sales-growth.yaml
  $ helix workflow create growth.yaml --replace --reason "another rounding"`,
    )
    .action(async (file: string, options: WorkflowCreateOptions) => {
      const text = await textOfFile(context.world, file).catch((cause: unknown) => {
        const told = say({ zh: `无法读取文件 ${file}`, en: `Cannot read the file ${file}` })
        throw new CliFailure(EXIT.usage, 'file_unreadable', told, { cause })
      })
      const { id = options.id } = parseWorkflow(text, context.language)
      const kept = await withApi(context, async (api) => {
        const workflows = openWorkflowApi(api)
        if (options.replace !== true) return await workflows.create(text, options.id)
        if (id !== undefined) return await workflows.replace(id, text, options.reason)
        const told = say({ zh: '没有说明要更新哪个工作流', en: 'Which workflow is to be changed is not said' })
        throw new CliFailure(EXIT.usage, 'missing_id', told, { hint: '--id <id>' })
      })
      if (options.json === true) return output.json(kept)
      const told = { zh: `已保存 ${kept.id}，版本 ${kept.version}`, en: `Kept ${kept.id}, version ${kept.version}` }
      output.result(output.resultStyle.good(say(told)))
    })
}
