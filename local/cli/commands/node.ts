import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { inlineSandbox } from '../../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'
import { withSyntaxChecked } from '../../../shared/workflow/check-syntax.ts'
import type { ParsedNode } from '../../../shared/workflow/definition/parse-node.ts'
import { parseNodeBody, sortedFindings } from '../../../shared/workflow/node-body.ts'
import { steadyMs } from '../../drivers/system-clock.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { openNodeApi } from '../node-api.ts'
import { findingsSummary, renderFindings, renderNodes, renderTrial } from '../node-report.ts'

interface NodeOptions {
  readonly json?: boolean
  readonly inputs?: string
}

const EXAMPLES = `  $ helix node validate local/samples/nodes/sales-growth-calculator.yaml
  $ helix node try local/samples/nodes/sales-growth-calculator.yaml
  $ helix node create local/samples/nodes/sales-growth-calculator.yaml
  $ helix node list`

/** `helix node validate|try|create|list`. */
export function addNodeCommand(program: Command, context: CliContext): void {
  const { say } = context
  const node = program
    .command('node')
    .summary(say({ zh: '检查、试运行、创建和列出动态节点', en: 'check, try, create and list dynamic nodes' }))
    .description(
      say({
        zh: '动态节点是 YAML 或 JSON 定义，其代码在沙箱中运行。示例见 local/samples/nodes。',
        en: 'A dynamic node is a definition in YAML or JSON whose code runs in a sandbox. Examples are in local/samples/nodes.',
      }),
    )
  node.addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n${EXAMPLES}`)
  addValidate(node, context)
  addTry(node, context)
  addCreate(node, context)
  addList(node, context)
}

function addValidate(node: Command, context: CliContext): void {
  const { say, output, finish } = context
  described(node, context, 'validate', {
    summary: say({ zh: '检查定义，不需要运行器', en: 'check a definition; no runner needed' }),
    example: 'helix node validate local/samples/nodes/sales-growth-calculator.yaml',
  })
    .argument('<file>', fileWords(context))
    .action(async (file: string, options: NodeOptions) => {
      const text = await textOf(context, file)
      const parsed = await parsedNode(context, text)
      const { definition, findings } = parsed
      const valid = definition !== null
      if (!valid) finish(EXIT.failed)
      if (options.json === true) return output.json({ valid, findings: sortedFindings(findings), definition })
      tellFindings(context, file, text, parsed)
    })
}

function addTry(node: Command, context: CliContext): void {
  const { say, output, finish } = context
  described(node, context, 'try', {
    summary: say({ zh: '在沙箱中试运行', en: 'try a definition, or a node that is kept, in the sandbox' }),
    example: `helix node try local/samples/nodes/sales-growth-calculator.yaml --inputs '{"sales_current": 120, "sales_previous": 100}'`,
  })
    .argument('<file>', say({ zh: '定义文件，或已创建节点的名称', en: 'a file, or the name of a node that is kept' }))
    .option('--inputs <json>', say({ zh: '输入（JSON），@文件 从文件读取', en: 'inputs as JSON; @file reads them' }))
    .action(async (file: string, options: NodeOptions) => {
      const inputs = await inputsOf(context, options.inputs)
      const kept = /^[a-z][a-z0-9_]*$/.test(file)
      const text = kept ? '' : await textOf(context, file)
      const parsed = kept ? null : await parsedNode(context, text)
      if (parsed?.definition === null) return tellInvalid(context, file, text, parsed, options)
      const trial = await withApi(context, async (api) => {
        const nodes = openNodeApi(api)
        return kept ? await nodes.tryKept(file, inputs) : await nodes.tryDefinition(text, inputs)
      })
      if (!trial.success) finish(EXIT.failed)
      if (options.json === true) return output.json(trial)
      for (const line of renderTrial(trial, context)) output.result(line)
    })
}

function addCreate(node: Command, context: CliContext): void {
  const { say, output } = context
  described(node, context, 'create', {
    summary: say({ zh: '检查、试运行并保存一个版本', en: 'check a definition, try it, and keep this version' }),
    example: 'helix node create local/samples/nodes/sales-growth-calculator.yaml',
  })
    .argument('<file>', fileWords(context))
    .action(async (file: string, options: NodeOptions) => {
      const text = await textOf(context, file)
      const parsed = await parsedNode(context, text)
      if (parsed.definition === null) return tellInvalid(context, file, text, parsed, options)
      const created = await withApi(context, async (api) => await openNodeApi(api).create(text))
      if (options.json === true) return output.json(created)
      const named = `${created.name} ${created.version}`
      output.result(
        output.resultStyle.good(
          created.created
            ? say({ zh: `已创建 ${named}`, en: `Created ${named}` })
            : say({ zh: `${named} 已存在，内容相同`, en: `${named} is there already, with the same content` }),
        ),
      )
    })
}

function addList(node: Command, context: CliContext): void {
  const { say, output } = context
  described(node, context, 'list', {
    summary: say({ zh: '列出节点', en: 'list the nodes that are kept' }),
    example: 'helix node list',
  }).action(async (options: NodeOptions) => {
    const { nodes } = await withApi(context, async (api) => await openNodeApi(api).list({ limit: 200 }))
    if (options.json === true) return output.json({ nodes })
    for (const line of renderNodes(nodes, context)) output.result(line)
  })
}

function described(
  node: Command,
  { say }: CliContext,
  name: string,
  words: { summary: string; example: string },
): Command {
  return node
    .command(name)
    .summary(words.summary)
    .description(words.summary)
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ ${words.example}`)
}

function fileWords({ say }: CliContext): string {
  return say({ zh: 'YAML 或 JSON 文件，- 表示标准输入', en: 'a YAML or JSON file; - for stdin' })
}

/** The definition and all that is wrong with it, its code included, without a runner. */
async function parsedNode({ language }: CliContext, text: string): Promise<ParsedNode> {
  const sandbox = inlineSandbox({ module: quickJsModule, steadyMs })
  return await withSyntaxChecked(sandbox, parseNodeBody(text, language), language)
}

function tellInvalid(context: CliContext, file: string, text: string, parsed: ParsedNode, { json }: NodeOptions): void {
  context.finish(EXIT.failed)
  if (json === true) context.output.json({ valid: false, findings: sortedFindings(parsed.findings) })
  else tellFindings(context, file, text, parsed)
}

function tellFindings(context: CliContext, file: string, text: string, { definition, findings }: ParsedNode): void {
  const named = definition === null ? file : `${definition.name} ${definition.version}`
  const ordered = sortedFindings(findings)
  for (const line of renderFindings(ordered, { name: file, text }, context)) context.output.result(line)
  context.output.result(findingsSummary(ordered, named, context))
}

/** @throws {CliFailure} `file_unreadable` */
async function textOf({ world, say }: CliContext, file: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8')
    const decoder = new TextDecoder()
    let text = ''
    for await (const part of world.stdin)
      text += typeof part === 'string' ? part : decoder.decode(part, { stream: true })
    return text
  } catch (cause) {
    const told = say({ zh: `无法读取文件 ${file}`, en: `Cannot read the file ${file}` })
    throw new CliFailure(EXIT.usage, 'file_unreadable', told, { cause })
  }
}

/** @throws {CliFailure} `invalid_inputs` for what is no JSON object */
async function inputsOf(context: CliContext, given: string | undefined): Promise<unknown> {
  if (given === undefined) return undefined
  const text = given.startsWith('@') ? await textOf(context, given.slice(1)) : given
  try {
    const inputs: unknown = JSON.parse(text)
    if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) return inputs
  } catch {
    // told below, like anything else that is no object
  }
  const told = context.say({ zh: '--inputs 必须是 JSON 对象', en: '--inputs must be a JSON object' })
  throw new CliFailure(EXIT.usage, 'invalid_inputs', told, { hint: `--inputs '{"name": 1}'` })
}
