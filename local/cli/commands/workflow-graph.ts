import { type Command, Option } from 'commander'
import type { Finding, Json } from '../../../shared/workflow/definition/definition.ts'
import type { WorkflowDefinition } from '../../../shared/workflow/definition/workflow-definition.ts'
import { drawGraph, graphMermaid, nodeNotes } from '../../../shared/workflow/graph/draw.ts'
import { graphView } from '../../../shared/workflow/graph/graph-view.ts'
import { parseWorkflow } from '../../../shared/workflow/graph/parse-workflow.ts'
import { type PlanNode, planOf } from '../../../shared/workflow/graph/plan.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { integerBetween } from '../option-values.ts'
import { padEnd, printable } from '../output/width.ts'
import { textOfFile } from '../text-of-file.ts'

interface WorkflowGraphOptions {
  readonly format: 'text' | 'mermaid' | 'json'
  readonly version?: number
}

interface Shown {
  readonly id: string
  readonly version: number
  readonly definition: WorkflowDefinition
}

const VERSION_MAX = 2_147_483_647

/** `helix workflow graph`. @param group the command `workflow` */
export function addWorkflowGraphCommand(group: Command, context: CliContext): void {
  const { say } = context
  group
    .command('graph')
    .argument(
      '<workflow>',
      say({
        zh: '工作流 id，或其 YAML/JSON 文件；- 表示标准输入',
        en: 'id of the workflow, or a file of one in YAML or JSON; - for standard input',
      }),
    )
    .description(
      say({
        zh: '在终端中画出工作流：每行一个节点，按执行顺序排列，连线自上而下。',
        en: 'Draws a workflow in the terminal: a line for each node, in the order in which they run, with what leads to what.',
      }),
    )
    .addOption(
      new Option('--format <format>', say({ zh: '输出格式', en: 'how to write it' }))
        .choices(['text', 'mermaid', 'json'])
        .default('text'),
    )
    .option(
      '--version <number>',
      say({ zh: '某个历史版本，默认为当前版本', en: 'one of its versions; the present one by default' }),
      integerBetween(context, 1, VERSION_MAX),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix workflow graph data_pipeline
  $ helix workflow graph ./sales.yaml
  $ helix workflow graph sales --format mermaid > sales.mmd`,
    )
    .action(async (named: string, { format, version }: WorkflowGraphOptions) => {
      const shown = isFile(named) ? await ofFile(context, named) : await ofStore(context, named, version)
      tell(context, shown, format)
    })
}

function isFile(named: string): boolean {
  return named === '-' || /[/\\]|\.(ya?ml|json)$/i.test(named)
}

async function ofStore(context: CliContext, id: string, version: number | undefined): Promise<Shown> {
  const found = await withApi(context, (api) => api.workflow(id, version))
  return { ...found, definition: definitionOf(context, found.definition as Json) }
}

async function ofFile(context: CliContext, file: string): Promise<Shown> {
  const text = await textOfFile(context.world, file).catch((cause: unknown) => {
    const message = context.say({ zh: `无法读取 ${file}`, en: `Cannot read ${file}` })
    throw new CliFailure(EXIT.usage, 'unreadable_file', message, { cause })
  })
  const definition = definitionOf(context, text)
  return { id: definition.name ?? file, version: 1, definition }
}

/** @throws {CliFailure} `invalid_workflow` with everything that is wrong with its shape */
function definitionOf({ language, say }: CliContext, given: Json): WorkflowDefinition {
  const { definition, findings } = parseWorkflow(given, language)
  if (definition !== null) return definition
  const message = say({ zh: '工作流定义无效', en: 'The workflow is not valid' })
  throw new CliFailure(EXIT.failed, 'invalid_workflow', message, { errors: findings.map(withPlace) })
}

function withPlace({ line, column, path, ...rest }: Finding) {
  const place = line === undefined ? '' : ` (${line}:${column ?? 1})`
  return { ...rest, path: `${path}${place}` }
}

function tell(context: CliContext, { id, version, definition }: Shown, format: WorkflowGraphOptions['format']): void {
  const { output } = context
  const plan = planOf(definition)
  const view = graphView({ id, version, definition }, plan)
  if (format === 'json') output.json(view)
  else if (format === 'mermaid') {
    const isReference = (source: string, target: string) =>
      view.edges.some((edge) => edge.source === source && edge.target === target && edge.via.includes('reference'))
    output.result(graphMermaid(plan, isReference).trimEnd())
  } else {
    output.result(title(context, { id, version, definition }))
    output.result()
    for (const line of drawn(context, plan)) output.result(line)
  }
}

function title({ say, output }: CliContext, { id, version, definition }: Shown): string {
  const count = definition.nodes.length
  const told = say({
    zh: `版本 ${version}，${count} 个节点`,
    en: `version ${version}, ${count} ${count === 1 ? 'node' : 'nodes'}`,
  })
  return `${output.resultStyle.strong(printable(id))}  ${output.resultStyle.faint(told)}`
}

function drawn({ output }: CliContext, plan: readonly PlanNode[]): string[] {
  const { accent, strong, faint } = output.resultStyle
  const width = Math.max(0, ...plan.map(({ name }) => name.length))
  return drawGraph(plan).map(({ rails, node }) => {
    if (node === null) return faint(rails.trimEnd())
    const notes = printable(nodeNotes(node).join(', '))
    const name = notes === '' ? strong(node.name) : strong(padEnd(node.name, width))
    return `${rails.replace('●', accent('●'))}  ${name}${notes === '' ? '' : `  ${faint(notes)}`}`
  })
}
