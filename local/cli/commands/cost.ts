import { type Command, InvalidArgumentError, Option } from 'commander'
import { estimate } from '../../../shared/ops/cost/estimate.ts'
import { scenarioOf } from '../../../shared/ops/cost/scenario.ts'
import { simulate } from '../../../shared/ops/cost/simulate.ts'
import { PLATFORMS, type PlatformName, ROUND_TRIP_MS, type Workload } from '../../../shared/ops/cost/workload.ts'
import type { CliContext } from '../context.ts'
import { renderEstimate, renderSimulated, renderSummary } from '../cost/report.ts'
import type { Text } from '../language.ts'
import { integerBetween } from '../option-values.ts'

interface CostOptions {
  readonly tasksPerMinute: number
  readonly tables: number
  readonly pairs: number
  readonly platform?: PlatformName
  readonly taskSeconds?: number
  readonly retentionDays: number
  readonly roundTripMs?: number
  readonly llmRequests?: number
  readonly llmTokens: number
  readonly llmSeconds: number
  readonly llmRate?: number
  readonly llmTokenRate?: number
  readonly simulate?: boolean
  readonly minutes: number
  readonly seed: number
  readonly json?: boolean
}

interface NumberOption {
  readonly flags: string
  readonly text: Text
  readonly range: readonly [min: number, max: number]
  readonly usual?: number
}

const WHOLE: readonly NumberOption[] = [
  { flags: '--tables <number>', text: { zh: '每个任务的表数', en: 'tables of a task' }, range: [1, 10_000], usual: 40 },
  {
    flags: '--pairs <number>',
    text: { zh: '每个任务的问答对数', en: 'pairs of a task' },
    range: [0, 100_000],
    usual: 200,
  },
  {
    flags: '--retention-days <days>',
    text: { zh: '任务保留天数', en: 'days that tasks are kept' },
    range: [1, 3_650],
    usual: 30,
  },
  {
    flags: '--llm-requests <number>',
    text: { zh: '每个任务调用大模型的次数', en: 'requests to the language model per task' },
    range: [1, 1_000_000],
  },
  {
    flags: '--llm-tokens <number>',
    text: { zh: '每次调用的 token 数', en: 'tokens of a request' },
    range: [1, 1_000_000],
    usual: 2_000,
  },
  {
    flags: '--llm-seconds <seconds>',
    text: { zh: '每次调用的秒数', en: 'seconds of a request' },
    range: [1, 600],
    usual: 5,
  },
  {
    flags: '--llm-rate <number>',
    text: { zh: '大模型每分钟允许的调用次数', en: 'requests a minute that the model lets through' },
    range: [1, 100_000_000],
  },
  {
    flags: '--llm-token-rate <number>',
    text: { zh: '大模型每分钟允许的 token 数', en: 'tokens a minute that the model lets through' },
    range: [1, 1_000_000_000],
  },
]
const TASKS_PER_MINUTE_MAX = 1_000_000

export function addCostCommand(program: Command, context: CliContext): void {
  const { say } = context
  const command = program
    .command('cost')
    .summary(
      say({ zh: '估算一个负载的费用和先到的上限', en: 'estimate what a workload costs and which limit it meets' }),
    )
    .description(
      say({
        zh: '按每个任务实测的语句数和各云公布的价格、上限，估算每月费用（美元）和先到的上限。不连接任何服务。',
        en: 'Estimates the cost of a month (US dollars) and the limit that is met first, from measured statements per task and the published prices and limits of each cloud. It connects to nothing.',
      }),
    )
    .requiredOption(
      '--tasks-per-minute <number>',
      say({ zh: '每分钟的任务数', en: 'tasks a minute' }),
      positive(context, TASKS_PER_MINUTE_MAX),
    )
    .addOption(
      new Option(
        '--platform <platform>',
        say({ zh: '只看一个平台，并列出明细', en: 'one platform, in detail' }),
      ).choices(PLATFORMS),
    )
    .option(
      '--task-seconds <seconds>',
      say({
        zh: '每个任务的秒数（默认按语句数估算）',
        en: 'seconds of a task (estimated from its statements if not given)',
      }),
      positive(context, 86_400),
    )
    .option(
      '--round-trip-ms <ms>',
      say({ zh: '函数到数据库的往返毫秒数', en: 'milliseconds from a function to its database and back' }),
      positive(context, 1_000),
    )
  for (const { flags, text, range, usual } of WHOLE)
    command.option(flags, say(text), integerBetween(context, ...range), usual)
  command
    .option('--simulate', say({ zh: '再用模拟验证', en: 'play it through by simulation too' }))
    .option(
      '--minutes <minutes>',
      say({ zh: '模拟多少分钟', en: 'minutes to simulate' }),
      integerBetween(context, 1, 1_440),
      10,
    )
    .option(
      '--seed <number>',
      say({ zh: '模拟的随机种子', en: 'seed of the simulation' }),
      integerBetween(context, 0, 4_294_967_295),
      1,
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix cost --tasks-per-minute 100
  $ helix cost --tasks-per-minute 100 --tables 40 --pairs 200 --platform cloudflare --simulate
  $ helix cost --tasks-per-minute 10 --llm-requests 120 --llm-rate 500 --json`,
    )
    .action((options: CostOptions) => tell(context, options))
}

function tell(context: CliContext, options: CostOptions): void {
  const { output } = context
  const platforms = options.platform === undefined ? PLATFORMS : [options.platform]
  const answers = platforms.map((platform) => {
    const workload = workloadOf(options, platform)
    const simulated =
      options.simulate === true ? simulate(scenarioOf(workload, platform, options.minutes, options.seed)) : null
    return { ...estimate(workload, platform), workload, simulated }
  })
  if (options.json === true) {
    output.json(answers)
    return
  }
  const lines =
    options.platform === undefined
      ? renderSummary(answers, context)
      : answers.flatMap((answer) => renderEstimate(answer, context))
  for (const { platform, simulated } of answers) {
    if (simulated !== null) lines.push(...renderSimulated(platform, simulated, options.seed, context))
  }
  for (const line of lines) output.result(line)
}

function workloadOf(options: CostOptions, platform: PlatformName): Workload {
  return {
    tasksPerMinute: options.tasksPerMinute,
    tablesPerTask: options.tables,
    pairsPerTask: options.pairs,
    taskSeconds: options.taskSeconds ?? null,
    retentionDays: options.retentionDays,
    roundTripMs: options.roundTripMs ?? ROUND_TRIP_MS[platform],
    llm:
      options.llmRequests === undefined
        ? null
        : {
            requestsPerTask: options.llmRequests,
            tokensPerRequest: options.llmTokens,
            secondsPerRequest: options.llmSeconds,
            requestsPerMinuteMax: options.llmRate ?? null,
            tokensPerMinuteMax: options.llmTokenRate ?? null,
          },
  }
}

/** Reads an option's number above zero. @throws {InvalidArgumentError} */
function positive({ say }: CliContext, max: number) {
  return (value: string): number => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
    if (number > 0 && number <= max) return number
    throw new InvalidArgumentError(
      say({ zh: `应为大于 0、不超过 ${max} 的数`, en: `It must be a number above 0 and at most ${max}.` }),
    )
  }
}
