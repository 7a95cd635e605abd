import { type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { chooseSource } from '../source-option.ts'
import { textOfFile } from '../text-of-file.ts'
import { startAndFollow } from './run.ts'

interface WorkflowRunOptions {
  readonly input?: Readonly<Record<string, unknown>>
  readonly inputs?: string
  readonly source?: string
  readonly json?: boolean
}

/** `helix workflow run`. @param group the command `workflow` */
export function addWorkflowRunCommand(group: Command, context: CliContext): void {
  const { say } = context
  group
    .command('run')
    .argument('<workflow>', say({ zh: '工作流 id', en: 'id of the workflow' }))
    .description(
      say({
        zh: '运行一个工作流并跟踪到结束，输出其结果。',
        en: 'Runs a workflow, follows it to its end and prints what it answers.',
      }),
    )
    .option(
      '-i, --input <name=value>',
      say({
        zh: '一个输入，值按 JSON 解析，否则视为文本；可重复',
        en: 'an input; its value is read as JSON, else as text; may be repeated',
      }),
      collectInput,
    )
    .option(
      '--inputs <file>',
      say({ zh: '输入的 JSON 文件；- 表示标准输入', en: 'a JSON file of inputs; - for standard input' }),
    )
    .addOption(
      new Option(
        '-s, --source <url|name>',
        say({
          zh: '节点读取的数据库：URL 或已配置的名称',
          en: 'the database that nodes read: a URL or a configured name',
        }),
      ),
    )
    .option('--json', say({ zh: '只输出一个 JSON 文档', en: 'print one JSON document and nothing else' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix workflow run sales_growth --input sales_current=100 --input sales_previous=80
  $ helix workflow run data_pipeline --source shop`,
    )
    .action(async (id: string, options: WorkflowRunOptions) => context.finish(await runWorkflow(context, id, options)))
}

async function runWorkflow(context: CliContext, id: string, options: WorkflowRunOptions): Promise<ExitCode> {
  const source = options.source === undefined ? null : chooseSource(options.source)
  const inputs = { ...(await inputsOfFile(context, options.inputs)), ...options.input }
  const request = { inputs, trigger: 'manual', ...(source === null ? {} : { db_name: source.name }) }
  const run = { config: context.config(), source, folder: null, json: options.json === true }
  return await startAndFollow(context, run, (api) => api.runWorkflow(id, request))
}

/** `name=value`: numbers, lists and objects as JSON has them, anything else as text. */
function collectInput(
  given: string,
  before: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const at = given.indexOf('=')
  if (at < 1) {
    throw new CliFailure(EXIT.usage, 'invalid_input', `Cannot read the input ${JSON.stringify(given)}`, {
      hint: 'Write name=value',
    })
  }
  return { ...before, [given.slice(0, at)]: jsonOrText(given.slice(at + 1)) }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function inputsOfFile(context: CliContext, file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {}
  const text = await textOfFile(context.world, file).catch(() => null)
  const value = text === null ? null : jsonOrText(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new CliFailure(
    EXIT.usage,
    'invalid_inputs_file',
    context.say({ zh: `无法从 ${file} 读取输入`, en: `Cannot read inputs from ${file}` }),
    {
      hint: context.say({ zh: '需要一个 JSON 对象', en: 'It must hold a JSON object' }),
    },
  )
}
