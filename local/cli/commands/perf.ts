import type { Command } from 'commander'
import * as z from 'zod'
import { type CliContext, withApi } from '../context.ts'
import type { Text } from '../language.ts'
import { integerBetween } from '../option-values.ts'
import { type Column, renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'

interface PerfOptions {
  readonly window: number
  readonly json?: boolean
}

const Waits = z.object({ p50_seconds: z.number(), p95_seconds: z.number(), max_seconds: z.number() })

const Report = z.looseObject({
  window_minutes: z.number(),
  slowest_steps: z.array(
    z.looseObject({
      step: z.string(),
      executions: z.number(),
      failed: z.number(),
      p50_seconds: z.number(),
      p95_seconds: z.number(),
      total_seconds: z.number(),
    }),
  ),
  endpoints: z.array(
    z.looseObject({
      method: z.string(),
      route: z.string(),
      requests: z.number(),
      errors: z.number(),
      mean_seconds: z.number(),
      p95_seconds: z.number(),
    }),
  ),
  statements: z.array(
    z.looseObject({ statement: z.string(), calls: z.number(), mean_seconds: z.number(), total_seconds: z.number() }),
  ),
  queue_waits: z.looseObject({
    executions: z.number(),
    schedule: Waits,
    delivery: Waits,
    waiting_for_room: z.number(),
    waiting_for_worker: z.number(),
  }),
  hot_sources: z.array(
    z.looseObject({ source: z.string(), tasks: z.number(), busy_seconds: z.number(), share: z.number() }),
  ),
  findings: z.array(z.object({ kind: z.string(), subject: z.string(), cause: z.string(), next_step: z.string() })),
  not_seen: z.array(z.object({ what: z.string(), reason: z.string() })),
})

type ReportAnswer = z.infer<typeof Report>

const MINUTES_MAX = 7 * 24 * 60
const ROWS_MAX = 5 // of each kind; --json has the others
const STATEMENT_WIDTH_MAX = 90

export function addPerfCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('perf')
    .summary(say({ zh: '分析性能：慢在哪里、为什么、怎么办', en: 'see where the time goes, why, and what to do' }))
    .description(
      say({
        zh: '分析最近一段时间的性能：最慢的步骤、接口和语句，排队等待，繁忙的数据源，以及原因和建议。',
        en: 'Analyses the last minutes: the slowest steps, endpoints and statements, waits in queues, busy sources; why, and what to do.',
      }),
    )
    .option(
      '--window <minutes>',
      say({ zh: '最近多少分钟', en: 'how many minutes up to now' }),
      integerBetween(context, 1, MINUTES_MAX),
      30,
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix perf\n  $ helix perf --window 1440`)
    .action(async ({ window, json }: PerfOptions) => {
      const report = await withApi(context, (api) => api.get('/api/v1/ops/performance', Report, { window }))
      if (json === true) output.json(report)
      else for (const line of renderReport(report, context)) output.result(line)
    })
}

function renderReport(report: ReportAnswer, context: CliContext): string[] {
  const { say, output } = context
  const { findings, not_seen: notSeen, window_minutes: minutes } = report
  const { good, strong, faint } = output.resultStyle
  const told =
    findings.length === 0
      ? [
          good(
            say({
              zh: `最近 ${minutes} 分钟没有发现性能问题。`,
              en: `Nothing stands out in the last ${minutes} minutes.`,
            }),
          ),
        ]
      : findings.flatMap(({ cause, next_step: next, kind, subject }, place) => [
          ...(place === 0 ? [] : ['']),
          `${place + 1}. ${printable(cause)}  ${faint(kind)}`,
          ...(kind === 'slow_statement' ? [`   ${printable(subject).slice(0, STATEMENT_WIDTH_MAX)}`] : []),
          `   → ${printable(next)}`,
        ])
  const sections = [steps, endpoints, statements, sources].flatMap((section) => section(report, context, strong))
  const unseen = notSeen.map(({ what, reason }) =>
    say({ zh: `  ${WHAT_WORDS[what]?.zh ?? what}：${reason}`, en: `  ${WHAT_WORDS[what]?.en ?? what}: ${reason}` }),
  )
  return [
    ...told,
    ...sections,
    '',
    waits(report, context),
    ...(unseen.length === 0 ? [] : ['', say({ zh: '没有数据：', en: 'No figures of:' }), ...unseen]),
  ]
}

const WHAT_WORDS: Readonly<Record<string, Text>> = {
  endpoints: { zh: '接口', en: 'endpoints' },
  statements: { zh: '语句', en: 'statements' },
  slowest_steps: { zh: '步骤', en: 'steps' },
}

type Section = (report: ReportAnswer, context: CliContext, strong: (text: string) => string) => string[]

const left = (title: string): Column => ({ title })
const right = (title: string): Column => ({ title, align: 'right' })

const steps: Section = ({ slowest_steps: rows }, context, strong) =>
  section(context, strong, { zh: '步骤', en: 'Steps' }, [
    [left('STEP'), right('N'), right('FAILED'), right('P50'), right('P95'), right('TOTAL')],
    rows.map((row) => [
      row.step,
      String(row.executions),
      String(row.failed),
      seconds(row.p50_seconds),
      seconds(row.p95_seconds),
      seconds(row.total_seconds),
    ]),
  ])

const endpoints: Section = ({ endpoints: rows }, context, strong) =>
  section(context, strong, { zh: '接口', en: 'Endpoints' }, [
    [left('ENDPOINT'), right('N'), right('5XX'), right('MEAN'), right('P95')],
    rows.map((row) => [
      `${row.method} ${row.route}`,
      String(row.requests),
      String(row.errors),
      seconds(row.mean_seconds),
      seconds(row.p95_seconds),
    ]),
  ])

const statements: Section = ({ statements: rows }, context, strong) =>
  section(context, strong, { zh: '语句', en: 'Statements' }, [
    [right('N'), right('MEAN'), right('TOTAL'), left('STATEMENT')],
    rows.map((row) => [
      String(row.calls),
      seconds(row.mean_seconds),
      seconds(row.total_seconds),
      printable(row.statement).slice(0, STATEMENT_WIDTH_MAX),
    ]),
  ])

const sources: Section = ({ hot_sources: rows }, context, strong) =>
  section(context, strong, { zh: '数据源', en: 'Sources' }, [
    [left('SOURCE'), right('TASKS'), right('BUSY'), right('SHARE')],
    rows.map((row) => [
      printable(row.source),
      String(row.tasks),
      seconds(row.busy_seconds),
      `${Math.round(row.share * 100)} %`,
    ]),
  ])

const TITLES_ZH: Readonly<Record<string, string>> = {
  STEP: '步骤',
  N: '次数',
  FAILED: '失败',
  P50: '中位数',
  P95: '95% 分位',
  TOTAL: '合计',
  ENDPOINT: '接口',
  '5XX': '5xx',
  MEAN: '平均',
  STATEMENT: '语句',
  SOURCE: '数据源',
  TASKS: '任务',
  BUSY: '执行时间',
  SHARE: '占比',
}

function section(
  { say, language }: CliContext,
  strong: (text: string) => string,
  title: Text,
  [columns, rows]: readonly [readonly Column[], readonly string[][]],
): string[] {
  if (rows.length === 0) return []
  const named =
    language === 'zh' ? columns.map((one) => ({ ...one, title: TITLES_ZH[one.title] ?? one.title })) : columns
  return ['', strong(say(title)), ...renderTable(named, rows.slice(0, ROWS_MAX)).map((line) => `  ${line}`)]
}

function waits({ queue_waits: { schedule, delivery, ...now } }: ReportAnswer, { say }: CliContext): string {
  const [room, worker] = [now.waiting_for_room, now.waiting_for_worker]
  return say({
    zh: `排队（95% 分位）：等空位 ${seconds(schedule.p95_seconds)}，等领取 ${seconds(delivery.p95_seconds)}；目前 ${room} 个在等空位，${worker} 个在等领取`,
    en: `Waits (95th percentile): for room ${seconds(schedule.p95_seconds)}, for a worker ${seconds(delivery.p95_seconds)}; now ${room} wait for room and ${worker} for a worker`,
  })
}

function seconds(value: number): string {
  return value >= 100 ? `${Math.round(value)} s` : `${value.toFixed(value < 1 ? 3 : 1)} s`
}
