import { resolve } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { localTime } from '../../../shared/platform/clock.ts'
import { runnerPort } from '../../runner/data-dir.ts'
import { connect } from '../client.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { openLocalApi } from '../local-api.ts'
import { renderFields } from '../output/table.ts'
import { durationText } from '../output/units.ts'

interface ClockOptions {
  readonly json?: boolean
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const MS_MAX = 366 * 86_400_000 // what the runner takes

export function addClockCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  const json = say({ zh: '以 JSON 输出', en: 'print JSON' })
  const clock = program
    .command('clock')
    .summary(
      say({ zh: '查看或拨快运行器的时钟（仅限开发）', en: "show or advance the runner's clock (development only)" }),
    )
    .description(
      say({
        zh: '查看正在运行的本机运行器的时钟。拨快时，期间到期的定时任务、延迟消息和租约按顺序处理。',
        en: 'Shows the clock of the runner on this machine. Advancing it fires what falls due in between, in order: schedules, delayed messages, leases.',
      }),
    )
    .option('--json', json)
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix clock\n  $ helix clock advance 2h`)
    .action(async (options: ClockOptions) => {
      const { clock: shown } = await withRunner(context, (api) => api.state())
      if (options.json === true) return output.json(shown)
      const now = localTime(shown.now, shown.time_zone).replace('T', ' ')
      tell(context, `${now} (${shown.time_zone})`, shown.offset_ms)
    })
  clock
    .command('advance')
    .argument(
      '<duration>',
      say({ zh: '拨快多少：2h、30m、90d（单位 ms s m h d）', en: 'by how much: 2h, 30m, 90d (units ms s m h d)' }),
      (text: string) => durationMs(context, text),
    )
    .summary(say({ zh: '拨快时钟', en: 'send the clock ahead' }))
    .option('--json', json)
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix clock advance 2h\n  $ helix clock advance 1.5d --json`,
    )
    .action(async (ms: number, _: ClockOptions, command: Command) => {
      const advanced = await withRunner(context, (api) => api.advance(ms))
      if (command.optsWithGlobals<ClockOptions>().json === true) return output.json(advanced)
      const { timeZone } = new Intl.DateTimeFormat('en', {
        timeZone: context.config().HELIX_TIME_ZONE,
      }).resolvedOptions()
      tell(context, `${localTime(advanced.now, timeZone).replace('T', ' ')} (${timeZone})`, advanced.offset_ms)
      for (const [name, count] of Object.entries(advanced.ticks).filter(([, ticks]) => ticks > 0)) {
        output.result(say({ zh: `${name} 执行了 ${count} 次`, en: `${name} has run ${count} times` }))
      }
    })
}

/** @throws {CliFailure} `no_runner`: time in a process that ends at once can't be sent ahead */
async function withRunner<T>(
  context: CliContext,
  work: (api: ReturnType<typeof openLocalApi>) => Promise<T>,
): Promise<T> {
  const { say } = context
  const config = context.config()
  if ((await runnerPort(resolve(config.HELIX_DATA_DIR))) === null) {
    throw new CliFailure(
      EXIT.unreachable,
      'no_runner',
      say({ zh: '此数据目录上没有正在运行的运行器', en: 'No runner is alive on this data directory' }),
      { hint: say({ zh: '先在另一个终端运行 `helix start`', en: 'Start one in another terminal: `helix start`' }) },
    )
  }
  const client = await connect(config)
  return await work(openLocalApi(client, context)).finally(() => client.stop())
}

function tell({ say, output, language }: CliContext, now: string, offsetMs: number): void {
  const ahead = offsetMs === 0 ? say({ zh: '无', en: 'not at all' }) : durationText(offsetMs / 1_000, language)
  const fields = [
    [say({ zh: '时间', en: 'Time' }), now],
    [say({ zh: '已拨快', en: 'Ahead' }), ahead],
  ] as const
  for (const line of renderFields(fields)) output.result(line)
}

/** @throws {InvalidArgumentError} for what is no duration, or more than a year */
function durationMs({ say }: Pick<CliContext, 'say'>, text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const ms = Math.round(Number(amount) * (UNIT_MS[unit] ?? 0))
  if (amount !== undefined && ms <= MS_MAX) return ms
  throw new InvalidArgumentError(
    say({
      zh: '应为不超过一年的时长，如 2h、30m、90d',
      en: 'It must be a duration of up to a year, such as 2h, 30m or 90d.',
    }),
  )
}
