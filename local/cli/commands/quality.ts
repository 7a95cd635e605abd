import type { Command } from 'commander'
import * as z from 'zod'
import { Quality } from '../answers.ts'
import type { HelixApi } from '../api.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import type { Text } from '../language.ts'
import { askedText, limitWord, measureWord, reasonText } from '../output/quality-words.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'

interface QualityOptions {
  readonly json?: boolean
}

const Missing = z.object({ name: z.string(), reason: z.string() })

const Measure = z.object({
  name: z.string(),
  target: z.number(),
  asked: z.string(),
  unit: z.string(),
  value: z.union([z.number(), z.string()]).nullable(),
  of: z.number().nullable(),
  met: z.boolean().nullable(),
  missing: z.array(Missing),
  missing_total: z.number(),
  why: z.string(),
})

const Report = Quality.extend({
  measures: z.array(Measure),
  limits: z.array(z.object({ name: z.string(), detail: z.string() })).default([]),
  tokens: z.record(z.string(), z.number().nullable()).default({}),
})

type MeasureAnswer = z.infer<typeof Measure>
type ReportAnswer = z.infer<typeof Report>

const REPORT_FILE = 'quality_report.json'
const NAMES_MAX = 3 // of what is missing, in a line; --json has the rest

export function addQualityCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('quality')
    .argument('<task>', say({ zh: '任务 id', en: 'id of the task' }))
    .summary(say({ zh: '查看质量报告', en: 'show the quality report of a task' }))
    .description(
      say({
        zh: '以表格显示任务的质量报告：每项指标、目标、缺什么、为什么。',
        en: 'Shows the quality report of a task as a table: each measure, its target, what is missing and why.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix quality manual_20250627_143052
  $ helix quality manual_20250627_143052 --json | jq '.measures[] | select(.met == false)'`,
    )
    .action(async (taskId: string, options: QualityOptions) => {
      const report = await withApi(context, (api) => readReport(api, taskId, context))
      if (options.json === true) output.json(report)
      else for (const line of renderReport(report, context)) output.result(line)
    })
}

const NO_REPORT: Text = { zh: '任务还没有质量报告', en: 'The task has no quality report yet' }
const VALIDATE_FIRST: Text = {
  zh: 'SQL 验证完成后才会写出报告；用 `helix task <任务>` 查看进度',
  en: 'SQL validation writes it when it ends; see how far it is with `helix task <task>`',
}
const OTHER_VERSION: Text = {
  zh: '此报告由不同版本的 Helix 写出，不含各项指标；请重新执行 SQL 验证',
  en: 'Another version of Helix wrote this report, without measures; execute the SQL validation again',
}

/** @throws {CliFailure} `report_missing` before validation has ended, `report_unreadable` for one without measures */
async function readReport(api: HelixApi, taskId: string, { say }: CliContext): Promise<ReportAnswer> {
  const { task_id } = await api.task(taskId)
  const files = await api.files(task_id)
  if (!files.some((file) => file.file_name === REPORT_FILE)) {
    throw new CliFailure(EXIT.failed, 'report_missing', say(NO_REPORT), { hint: say(VALIDATE_FIRST) })
  }
  const body: unknown = await (await api.fileOf(task_id, REPORT_FILE)).json().catch(() => null)
  const parsed = Report.safeParse(body)
  if (parsed.success) return parsed.data
  throw new CliFailure(EXIT.failed, 'report_unreadable', say(OTHER_VERSION), { cause: parsed.error })
}

function renderReport(report: ReportAnswer, context: CliContext): string[] {
  const { say, language, output } = context
  const columns = [
    { title: '#', align: 'right' as const },
    { title: say({ zh: '指标', en: 'MEASURE' }) },
    { title: say({ zh: '目标', en: 'ASKED' }), align: 'right' as const },
    { title: say({ zh: '结果', en: 'REACHED' }), align: 'right' as const },
    { title: say({ zh: '达标', en: 'MET' }) },
    { title: say({ zh: '说明', en: 'WHAT IS MISSING, AND WHY' }) },
  ]
  const rows = report.measures.map((measure) => [
    String(measure.target),
    measureWord(measure.name)[language],
    askedText(measure.asked, language),
    valueText(measure),
    metText(measure, context),
    explanation(measure, context),
  ])
  const limits = report.limits.map(({ name, detail }) => `  ${limitWord(name)[language]}: ${printable(detail)}`)
  const spent = Object.entries(report.tokens).map(([step, tokens]) => `${step} ${tokens ?? '–'}`)
  const missed = report.measures.filter(({ met }) => met === false).length
  return [
    ...renderTable(columns, rows),
    '',
    missed === 0
      ? output.resultStyle.good(say({ zh: '没有未达标的指标。', en: 'No measure falls short.' }))
      : output.resultStyle.bad(
          say({
            zh: `${missed} 项指标未达标。`,
            en: missed === 1 ? '1 measure falls short.' : `${missed} measures fall short.`,
          }),
        ),
    ...(limits.length === 0 ? [] : ['', say({ zh: '限制：', en: 'Limits:' }), ...limits]),
    ...(spent.length === 0 ? [] : ['', `${say({ zh: '使用的 token：', en: 'Tokens used: ' })}${spent.join(', ')}`]),
  ]
}

function valueText({ unit, value, of }: MeasureAnswer): string {
  if (value === null) return '–'
  if (unit !== 'share' || typeof value === 'string') return String(value)
  // Rounded down, so that 100 % is never said of less.
  return `${(Math.floor(value * 1000) / 10).toFixed(1)} % / ${of ?? '–'}`
}

function metText({ met }: MeasureAnswer, { say, output }: CliContext): string {
  if (met === null) return '–'
  const { resultStyle } = output
  return met ? resultStyle.good(say({ zh: '是', en: 'yes' })) : resultStyle.bad(say({ zh: '否', en: 'no' }))
}

function explanation(measure: MeasureAnswer, { language, say }: CliContext): string {
  const named = measure.missing.slice(0, NAMES_MAX).map(({ name, reason }) => {
    const told = reasonText(reason, language)
    return name === '' ? told : `${name} (${told})`
  })
  const rest = measure.missing_total - named.length
  const more = rest > 0 ? [say({ zh: `另有 ${rest} 项`, en: `${rest} more` })] : []
  const why = measure.why === '' ? [] : [reasonText(measure.why, language)]
  return printable([...why, ...named, ...more].join('; '))
}
