import type { Estimate } from '../../../shared/ops/cost/estimate.ts'
import type { Simulated } from '../../../shared/ops/cost/simulate.ts'
import type { LimitUse } from '../../../shared/ops/cost/usage-limits.ts'
import type { PlatformName, Workload } from '../../../shared/ops/cost/workload.ts'
import type { CliContext } from '../context.ts'
import { renderFields, renderTable } from '../output/table.ts'
import { LIMIT_WORDS, PLATFORM_TITLES, PRICE_TITLES } from './words.ts'

type Told = Pick<CliContext, 'say' | 'output'>
interface Answer extends Estimate {
  readonly workload: Workload
}

const LIMITS_SHOWN = 6
const right = 'right' as const

/** The platforms side by side. */
export function renderSummary(answers: readonly Answer[], context: Told): string[] {
  const { say } = context
  const columns = [
    { title: say({ zh: '平台', en: 'PLATFORM' }) },
    { title: say({ zh: '美元/月', en: 'USD/MONTH' }), align: right },
    { title: say({ zh: '美元/千个任务', en: 'USD/1,000 TASKS' }), align: right },
    { title: say({ zh: '先到的上限', en: 'FIRST LIMIT' }) },
    { title: say({ zh: '已用', en: 'USED' }), align: right },
    { title: say({ zh: '任务/分钟上限', en: 'TASKS/MIN AT MOST' }), align: right },
  ]
  const rows = answers.map(({ platform, dollarsPerMonth, tasksPerMonth, binding }) => [
    say(PLATFORM_TITLES[platform]),
    money(dollarsPerMonth),
    (dollarsPerMonth / (tasksPerMonth / 1_000)).toFixed(2),
    binding === null ? '–' : titleOf(binding, context),
    binding === null ? '–' : percent(binding.utilisation),
    binding === null ? '–' : count(binding.tasksPerMinuteMax ?? 0),
  ])
  const [first] = answers
  return [
    ...(first === undefined ? [] : [heading(first, context), '']),
    ...renderTable(columns, rows),
    '',
    say({ zh: '明细和对策：加上 --platform', en: 'For the bill, all limits and what to do: add --platform' }),
  ]
}

/** One platform: what a task asks for, the bill, the limits, and what to do about the first. */
export function renderEstimate(answer: Answer, context: Told): string[] {
  const { say } = context
  const head = heading(answer, context)
  const title = say(PLATFORM_TITLES[answer.platform])
  return [
    say({ zh: `${head}，${title}`, en: `${head}, ${title}` }),
    '',
    ...renderFields(factsOf(answer, context)),
    '',
    ...billOf(answer, context),
    '',
    ...limitsOf(answer, context),
    '',
    ...adviceOn(answer, context),
  ]
}

/** What the simulation saw, and where it queued up. */
export function renderSimulated(platform: PlatformName, found: Simulated, seed: number, context: Told): string[] {
  const { say } = context
  const title = say(PLATFORM_TITLES[platform])
  const minutes = count(found.minutes)
  const head = say({
    zh: `模拟：${title}，任务到达 ${minutes} 分钟，种子 ${seed}`,
    en: `Simulation: ${title}, ${minutes} minutes of arrivals, seed ${seed}`,
  })
  const columns = [
    { title: say({ zh: '排队处', en: 'WAITING AT' }) },
    { title: say({ zh: '占用', en: 'BUSY' }), align: right },
    { title: say({ zh: '平均等待', en: 'MEAN WAIT' }), align: right },
    { title: say({ zh: '最长队列', en: 'LONGEST QUEUE' }), align: right },
  ]
  const rows = found.stations.map(({ name, utilisation, meanWaitMs, queueMax }) => [
    say(LIMIT_WORDS[name]?.title ?? { zh: name, en: name }),
    percent(utilisation),
    seconds(meanWaitMs),
    count(queueMax),
  ])
  const { mean, p50, p95, p99 } = found.taskMs
  return [
    '',
    head,
    ...renderFields([
      [say({ zh: '到达 / 结束', en: 'arrived / ended' }), `${count(found.arrived)} / ${count(found.ended)}`],
      [say({ zh: '每分钟完成', en: 'ended a minute' }), count(found.tasksPerMinute)],
      [
        say({ zh: '任务耗时', en: 'time of a task' }),
        say({
          zh: `平均 ${seconds(mean)}，中位 ${seconds(p50)}，95% ${seconds(p95)}，99% ${seconds(p99)}`,
          en: `mean ${seconds(mean)}, median ${seconds(p50)}, 95 % ${seconds(p95)}, 99 % ${seconds(p99)}`,
        }),
      ],
      ...(found.llmRefusals === 0
        ? []
        : [[say({ zh: '大模型拒绝', en: 'refused by the model' }), count(found.llmRefusals)] as const]),
    ]),
    '',
    ...renderTable(columns, rows),
  ]
}

function heading({ workload }: Answer, { say }: Told): string {
  const { tasksPerMinute, tablesPerTask, pairsPerTask } = workload
  return say({
    zh: `每分钟 ${count(tasksPerMinute)} 个任务，每个 ${tablesPerTask} 张表、${pairsPerTask} 个问答对`,
    en: `${count(tasksPerMinute)} tasks a minute, ${tablesPerTask} tables and ${pairsPerTask} pairs each`,
  })
}

function factsOf(
  { task, runningTasks, storeWritesPerSecond, rowsPerDay, storeGigabytes, storeCores }: Answer,
  { say }: Told,
): [string, string][] {
  return [
    [
      say({ zh: '一个任务', en: 'a task' }),
      say({
        zh: `${count(task.storeStatements)} 条存储语句，${count(task.sourceStatements)} 条数据源语句，约 ${count(task.seconds)} 秒`,
        en: `${count(task.storeStatements)} statements on the store, ${count(task.sourceStatements)} on the source, about ${count(task.seconds)} s`,
      }),
    ],
    [say({ zh: '同时进行', en: 'under way' }), count(runningTasks)],
    [say({ zh: '存储写入', en: 'store writes' }), `${count(storeWritesPerSecond)}/s`],
    [
      say({ zh: '日志和事件', en: 'logs and events' }),
      say({ zh: `每天 ${count(rowsPerDay)} 行`, en: `${count(rowsPerDay)} rows a day` }),
    ],
    [
      say({ zh: '存储', en: 'store' }),
      say({
        zh: `${storeCores} 核，${count(storeGigabytes)} GB`,
        en: `${storeCores} cores, ${count(storeGigabytes)} GB`,
      }),
    ],
  ]
}

function billOf({ lines, dollarsPerMonth }: Answer, { say, output }: Told): string[] {
  const columns = [
    { title: say({ zh: '每月', en: 'A MONTH' }) },
    { title: say({ zh: '用量', en: 'AMOUNT' }), align: right },
    { title: say({ zh: '单位', en: 'UNIT' }) },
    { title: say({ zh: '美元', en: 'USD' }), align: right },
  ]
  const rows = lines.map(({ name, amount, unit, dollars }) => [
    say(PRICE_TITLES[name]),
    count(amount),
    unit,
    money(dollars),
  ])
  const table = renderTable(columns, [...rows, [say({ zh: '合计', en: 'Total' }), '', '', money(dollarsPerMonth)]])
  const total = table.pop() ?? ''
  return [...table, output.resultStyle.strong(total)]
}

function limitsOf({ limits }: Answer, context: Told): string[] {
  const { say } = context
  const columns = [
    { title: say({ zh: '上限', en: 'LIMIT' }) },
    { title: say({ zh: '用到', en: 'USED' }), align: right },
    { title: say({ zh: '上限值', en: 'OF' }), align: right },
    { title: say({ zh: '单位', en: 'UNIT' }) },
    { title: say({ zh: '占比', en: 'SHARE' }), align: right },
    { title: say({ zh: '任务/分钟上限', en: 'TASKS/MIN AT MOST' }), align: right },
  ]
  const rows = limits
    .slice(0, LIMITS_SHOWN)
    .map((use) => [
      titleOf(use, context),
      count(use.used),
      count(use.limit.value),
      use.limit.unit,
      percent(use.utilisation),
      use.tasksPerMinuteMax === null ? '–' : count(use.tasksPerMinuteMax),
    ])
  return renderTable(columns, rows)
}

function adviceOn({ binding }: Answer, context: Told): string[] {
  if (binding === null) return []
  const { say, output } = context
  const paint =
    binding.utilisation >= 1
      ? output.resultStyle.bad
      : binding.utilisation >= 0.7
        ? output.resultStyle.warn
        : output.resultStyle.good
  const rate = count(binding.tasksPerMinuteMax ?? 0)
  const title = titleOf(binding, context)
  const next = LIMIT_WORDS[binding.name]?.next
  return [
    paint(
      say({
        zh: `先到的上限：${title}，在每分钟 ${rate} 个任务时`,
        en: `First limit: ${title}, at ${rate} tasks a minute`,
      }),
    ),
    ...(next === undefined ? [] : [`→ ${say(next)}`]),
  ]
}

function titleOf({ name }: Pick<LimitUse, 'name'>, { say }: Told): string {
  return say(LIMIT_WORDS[name]?.title ?? { zh: name, en: name })
}

/** Three figures are as many as an estimate knows. */
function count(value: number): string {
  if (value === 0) return '0'
  const rounded = Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 3 })
}

function money(dollars: number): string {
  return dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

function percent(share: number): string {
  return `${count(share * 100)} %`
}

function seconds(ms: number): string {
  return `${count(ms / 1_000)} s`
}
