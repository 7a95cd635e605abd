import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { similarNames } from '../../../shared/dataset/validation/repair/similar-names.ts'
import { localTime } from '../../../shared/platform/clock.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { runnerPort } from '../../runner/data-dir.ts'
import { connect } from '../client.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { type CronEntryAnswer, type FiredAnswer, openLocalApi } from '../local-api.ts'
import { renderTable } from '../output/table.ts'

interface CronOptions {
  readonly at?: string
  readonly json?: boolean
}

const NEXT_SHOWN = 3

export function addCronCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  const json = say({ zh: '以 JSON 输出', en: 'print JSON' })
  const cron = program
    .command('cron')
    .summary(say({ zh: '列出或触发定时任务（仅限开发）', en: 'list or fire scheduled functions (development only)' }))
    .description(
      say({ zh: '列出定时任务，或立即触发其中一个。', en: 'Lists the scheduled functions, or fires one of them now.' }),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix cron list
  $ helix cron fire sweep-zombies --at 2025-01-01T00:00:00Z`,
    )
  cron
    .command('list')
    .summary(say({ zh: '列出定时任务', en: 'list them with their next times' }))
    .option('--json', json)
    .action(async (options: CronOptions) => {
      const { entries, timeZone } = await readEntries(context)
      if (options.json === true) return output.json(entries)
      for (const line of renderEntries(context, entries, timeZone)) output.result(line)
    })
  cron
    .command('fire')
    .argument('<name>', say({ zh: '定时任务名', en: 'name of the function' }))
    .summary(say({ zh: '立即触发一个', en: 'fire one now' }))
    .option(
      '--at <time>',
      say({ zh: '函数看到的当前时间（ISO）', en: 'what the function is to see as now (ISO time)' }),
      (text: string) => isoTime(context, text),
    )
    .option('--json', json)
    .action(async (name: string, options: CronOptions) => {
      const fired = await fire(context, name, options.at)
      if (options.json === true) output.json(fired)
      else tellFired(context, fired)
      if (!fired.fired || (fired.status ?? 0) >= 400) context.finish(EXIT.failed)
    })
}

/** Of the runner that is alive, else as the manifest has them. */
async function readEntries(context: CliContext): Promise<{ entries: CronEntryAnswer[]; timeZone: string }> {
  const config = context.config()
  if ((await runnerPort(resolve(config.HELIX_DATA_DIR))) !== null) {
    const client = await connect(config)
    const { cron, clock } = await openLocalApi(client, context)
      .state()
      .finally(() => client.stop())
    return { entries: cron, timeZone: clock.time_zone }
  }
  const { SCHEDULED } = await import('../../../scheduled/manifest.ts')
  const { cronTimes, nextTimes } = await import('../../schedule/cron-times.ts')
  const clock = systemClock(config.HELIX_TIME_ZONE)
  const entries = SCHEDULED.map(({ name, cron }) => {
    return { name, cron, next: nextTimes(cronTimes(cron), clock.now(), NEXT_SHOWN), last: null }
  })
  return { entries, timeZone: clock.timeZone }
}

async function fire(context: CliContext, name: string, at: string | undefined): Promise<FiredAnswer> {
  const { entries } = await readEntries(context)
  const names = entries.map((entry) => entry.name)
  if (!names.includes(name)) throw unknownName(context, name, names)
  const client = await connect(context.config())
  return await openLocalApi(client, context)
    .fire(name, at)
    .finally(() => client.stop())
}

function unknownName({ say }: CliContext, name: string, names: readonly string[]): CliFailure {
  const [meant] = similarNames(name, names, (one) => one)
  const all = names.join(', ')
  const hint =
    meant === undefined
      ? say({ zh: `可用的定时任务：${all}`, en: `There are: ${all}` })
      : say({ zh: `是否想输入 ${meant}？`, en: `Did you mean ${meant}?` })
  const message = say({ zh: `没有定时任务 "${name}"`, en: `There is no scheduled function "${name}"` })
  return new CliFailure(EXIT.usage, 'cron_not_found', message, { hint })
}

function renderEntries({ say }: CliContext, entries: readonly CronEntryAnswer[], timeZone: string): string[] {
  const shown = (at: Date) => localTime(at, timeZone).replace('T', ' ')
  const columns = [
    { title: say({ zh: '名称', en: 'NAME' }) },
    { title: say({ zh: '表达式 (UTC)', en: 'CRON (UTC)' }) },
    { title: say({ zh: `下次 (${timeZone})`, en: `NEXT (${timeZone})` }) },
    { title: say({ zh: '上次', en: 'LAST' }) },
  ]
  const rows = entries.map(({ name, cron, next, last }) => [
    name,
    cron,
    next.map((at, index) => (index === 0 ? shown(at) : shown(at).slice(11))).join(', '),
    last === null ? '–' : `${shown(last.at)} ${last.status}`,
  ])
  return renderTable(columns, rows)
}

function tellFired({ say, output }: CliContext, { name, fired, status, answer }: FiredAnswer): void {
  if (!fired) {
    output.result(
      say({ zh: `${name} 的上一次仍在执行，本次跳过`, en: `${name} is still running; this tick is missed` }),
    )
  } else {
    output.result(`${name} ${status}`)
    if (answer !== null) output.result(JSON.stringify(answer))
  }
}

/** @throws {InvalidArgumentError} */
function isoTime({ say }: Pick<CliContext, 'say'>, text: string): string {
  const at = new Date(text)
  if (/^\d{4}-\d\d-\d\d(T|$)/.test(text) && !Number.isNaN(at.getTime())) return at.toISOString()
  throw new InvalidArgumentError(
    say({ zh: '应为 ISO 时间，如 2025-01-01T00:00:00Z', en: 'It must be an ISO time, such as 2025-01-01T00:00:00Z.' }),
  )
}
