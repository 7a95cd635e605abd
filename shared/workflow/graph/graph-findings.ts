import type { Language } from '../../platform/problems.ts'
import type { Finding } from '../definition/definition.ts'
import type { Text } from './syntax.ts'

/** What can be wrong with a workflow beyond its shape, by code. `{…}` is filled in. */
const TEXTS = {
  empty_workflow: text('工作流至少需要一个节点', 'A workflow has at least one node'),
  unknown_node: text('没有名为“{name}”的节点定义或内置步骤', 'There is no node definition or built-in step "{name}"'),
  unknown_version: text('节点“{name}”没有版本 {version}', 'The node "{name}" has no version {version}'),
  node_disabled: text('节点“{name}”（版本 {version}）已停用', 'The node "{name}" of version {version} is disabled'),
  invalid_reference: text(
    '第 {column} 个字符处的引用无法识别：{why}',
    'The reference can not be read at character {column}: {why}',
  ),
  invalid_condition: text(
    '第 {column} 个字符处的条件无法识别：{why}',
    'The condition can not be read at character {column}: {why}',
  ),
  unresolved_reference: text('引用“{reference}”无法解析：{why}', 'The reference "{reference}" leads nowhere: {why}'),
  unknown_neighbour: text('工作流中没有名为“{name}”的节点', 'The workflow has no node "{name}"'),
  type_mismatch: text('类型不匹配：{why}', 'The types do not fit: {why}'),
  workflow_cycle: text('循环依赖：{cycle}', 'These nodes wait for each other: {cycle}'),
  unknown_input: text('节点“{node}”没有名为“{name}”的输入', 'The node "{node}" has no input "{name}"'),
  missing_input: text(
    '缺少节点“{node}”必需的输入“{name}”',
    'The input "{name}" that the node "{node}" needs is missing',
  ),
  unused_input: text('工作流的输入“{name}”没有被使用', 'The input "{name}" of the workflow is not used'),
  too_deep: text('依赖链有 {depth} 层，最多 {max} 层', 'The longest chain has {depth} nodes; {max} are allowed'),
  too_many: text('有 {count} 项，最多 {max} 项', 'There are {count}; {max} are allowed'),
} as const satisfies Record<string, Text>

export type GraphFindingCode = keyof typeof TEXTS

type Values = Readonly<Record<string, string | number | Text>>

/** Gathers what is wrong with a workflow, so that all of it is told at once. */
export interface GraphFindings {
  readonly list: readonly Finding[]
  error(code: GraphFindingCode, path: string, values?: Values, nearest?: string): void
  warning(code: GraphFindingCode, path: string, values?: Values, nearest?: string): void
}

const FINDINGS_MAX = 100 // nobody reads more

/** @param language of the messages */
export function graphFindings(language: Language): GraphFindings {
  const list: Finding[] = []
  const add = (
    severity: Finding['severity'],
    code: GraphFindingCode,
    path: string,
    values: Values,
    nearest: string | undefined,
  ) => {
    if (
      list.length >= FINDINGS_MAX ||
      list.some((one) => one.code === code && one.path === path && isSame(one, nearest))
    )
      return
    const message = messageOf(language, code, values, nearest)
    list.push({ code, path, severity, message, ...(nearest === undefined ? {} : { nearest }) })
  }
  return {
    list,
    error: (code, path, values = {}, nearest) => add('error', code, path, values, nearest),
    warning: (code, path, values = {}, nearest) => add('warning', code, path, values, nearest),
  }
}

/** The same fault of the same place is told once, although several references of a text may have it. */
function isSame(finding: Finding, nearest: string | undefined): boolean {
  return finding.nearest === nearest && finding.code !== 'unresolved_reference'
}

function messageOf(language: Language, code: GraphFindingCode, values: Values, nearest: string | undefined): string {
  const said = TEXTS[code][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? ''
    return oneLine(typeof value === 'object' ? value[language] : String(value))
  })
  if (nearest === undefined) return said
  return language === 'zh' ? `${said}；您是否想写“${nearest}”？` : `${said}; did you mean "${nearest}"?`
}

const SHOWN_MAX = 300

function oneLine(value: string): string {
  const line = value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line
}

function text(zh: string, en: string): Text {
  return { zh, en }
}
