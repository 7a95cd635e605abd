import type { Finding } from '../../shared/workflow/definition/definition.ts'
import type { CliContext } from './context.ts'
import type { Text } from './language.ts'
import type { NodeAnswer, TrialAnswer } from './node-api.ts'
import { renderTable } from './output/table.ts'
import { displayWidth, printable } from './output/width.ts'

const WIDTH_MAX = 120
const SHOWN_MAX = 2_000 // of a value, on a terminal; --json has the rest

/** Findings as compilers tell them: where, what, and the line itself with a mark below it. */
export function renderFindings(
  findings: readonly Finding[],
  { name, text }: { name: string; text: string },
  { output, say }: CliContext,
): string[] {
  const lines = text.split('\n')
  const { bad, warn, faint, strong } = output.resultStyle
  return findings.flatMap(({ line, column, path, severity, message }) => {
    const place = line === undefined ? name : `${name}:${line}:${column ?? 1}`
    const word = severity === 'error' ? bad(say({ zh: '错误', en: 'error' })) : warn(say({ zh: '警告', en: 'warning' }))
    const told = `${strong(place)} ${word} ${path === '' ? '' : `${path}: `}${printable(message)}`
    const source = line === undefined ? undefined : lines[line - 1]
    if (source === undefined || source.trim() === '') return [told]
    const number = String(line)
    const shown = source.replaceAll(/\p{Cc}/gu, ' ').slice(0, WIDTH_MAX)
    const before = displayWidth(shown.slice(0, Math.max(0, (column ?? 1) - 1)))
    return [told, faint(`  ${number} | ${shown}`), faint(`  ${' '.repeat(number.length)} | ${' '.repeat(before)}^`)]
  })
}

/** How many are wrong; or that nothing is. */
export function findingsSummary(findings: readonly Finding[], told: string, { output, say }: CliContext): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const warned =
    warnings === 0
      ? ''
      : say({ zh: `，${warnings} 个警告`, en: `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` })
  if (errors === 0) return output.resultStyle.good(`${say({ zh: `${told} 有效`, en: `${told} is valid` })}${warned}`)
  const counted = say({ zh: `${errors} 个错误`, en: `${errors} ${errors === 1 ? 'error' : 'errors'}` })
  return output.resultStyle.bad(`${counted}${warned}`)
}

const CHECKS: Readonly<Record<string, Text>> = {
  success: { zh: '执行', en: 'success' },
  time: { zh: '用时', en: 'time' },
  output: { zh: '输出', en: 'output' },
  memory: { zh: '内存', en: 'memory' },
}

/** A trial: on what, the four checks, what came out, or what went wrong and where. */
export function renderTrial(trial: TrialAnswer, { output, say, language }: CliContext): string[] {
  const { good, bad, faint } = output.resultStyle
  const mark = (passed: boolean) => (passed ? good('✓') : bad('✗'))
  const rows = trial.checks.map(({ name, passed, message }) => [
    mark(passed),
    CHECKS[name]?.[language] ?? name,
    printable(message),
  ])
  const colon = say({ zh: '：', en: ': ' })
  const origin = trial.generated ? say({ zh: '（自动生成）', en: ' (made up)' }) : ''
  const tests = trial.tests.map(({ name, success, error }) => {
    return `${mark(success)} ${printable(name)}${error === null ? '' : `${colon}${printable(error.message)}`}`
  })
  const { error } = trial
  const place =
    error === null || error.line === null
      ? ''
      : say({ zh: `（${error.line}:${error.column ?? 1}）`, en: ` (${error.line}:${error.column ?? 1})` })
  return [
    `${say({ zh: '输入', en: 'Inputs' })}${origin}${colon}${json(trial.inputs)}`,
    ...(trial.outputs === null ? [] : [`${say({ zh: '输出', en: 'Outputs' })}${colon}${json(trial.outputs)}`]),
    '',
    ...rows.map(([sign, name, message]) => `${sign} ${name}${colon}${message}`),
    ...(tests.length < 2 ? [] : ['', say({ zh: '测试：', en: 'Tests:' }), ...tests]),
    ...(trial.logs.length === 0
      ? []
      : ['', ...trial.logs.map(({ level, text }) => faint(`[${level}] ${printable(text)}`))]),
    ...(error === null ? [] : ['', bad(`${error.code}${place}${colon}${printable(error.message)}`)]),
    ...(error?.frame === undefined ? [] : error.frame.split('\n').map((line) => faint(printable(line)))),
    ...(error?.hint === undefined ? [] : [error.hint]),
    '',
    trial.success
      ? good(say({ zh: '试运行通过', en: 'The trial passed' }))
      : bad(say({ zh: '试运行未通过', en: 'The trial failed' })),
  ]
}

export function renderNodes(nodes: readonly NodeAnswer[], { say }: CliContext): string[] {
  if (nodes.length === 0)
    return [
      say({
        zh: '还没有节点；用 `helix node create <文件>` 创建',
        en: 'There is no node yet; create one with `helix node create <file>`',
      }),
    ]
  const columns = [
    { title: say({ zh: '名称', en: 'NAME' }) },
    { title: say({ zh: '版本', en: 'VERSION' }) },
    { title: say({ zh: '执行器', en: 'EXECUTOR' }) },
    { title: say({ zh: '输入 → 输出', en: 'INPUTS → OUTPUTS' }) },
    { title: say({ zh: '说明', en: 'DESCRIPTION' }) },
  ]
  const names = (fields: NodeAnswer['inputs']) => fields.map(({ name }) => name).join(', ')
  return renderTable(
    columns,
    nodes.map((node) => [
      node.name,
      node.version,
      node.executor_type,
      `${names(node.inputs)} → ${names(node.outputs)}`,
      printable(node.description).slice(0, 60),
    ]),
  )
}

function json(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
