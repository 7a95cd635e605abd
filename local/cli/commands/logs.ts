import { type Command, Option } from 'commander'
import { LOG_LEVELS } from '../../../shared/engine/log-lines.ts'
import { STEPS } from '../../../shared/engine/pipeline.ts'
import { type LogAnswer, LogLine } from '../answers.ts'
import type { HelixApi } from '../api.ts'
import { type CliContext, withApi } from '../context.ts'
import { readEvents } from '../event-stream.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { renderLog } from '../log-text.ts'
import { integerBetween } from '../option-values.ts'
import { pause } from '../pause.ts'
import { type LogSearchOptions, searchAllLogs } from '../search-logs.ts'

interface LogsOptions extends LogSearchOptions {
  readonly follow?: boolean
}

const PAGE = 1000 // lines of one page of the API
const LIMIT_MAX = 1_000_000
const RETRY_MS = 1_000
const TRIES_MAX = 30 // half a minute: a runner that restarts is back by then
const AGAIN_MS = 100 // a stream that ends in good order is asked again at once whether that was all

export function addLogsCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('logs')
    .argument('[task]', say({ zh: '任务 id；搜索时可省略', en: 'id of the task; a search needs none' }))
    .summary(say({ zh: '查看任务日志，或在全部日志中搜索', en: "print a task's log, or search all logs" }))
    .description(
      say({
        zh: '输出任务的日志，最早的在前。带 --search、--from 或 --to 时，在一个或全部任务的日志中搜索最新的匹配行。',
        en: "Prints a task's log, oldest line first. With --search, --from or --to: the newest lines of one task's log, or of all, that match.",
      }),
    )
    .option('-f, --follow', say({ zh: '持续输出，直到任务结束', en: 'go on until the task is over' }))
    .option(
      '-s, --search <text>',
      say({ zh: '包含此文字的行，不分大小写', en: 'lines that hold this text, in any case' }),
    )
    .option('--from <time>', say({ zh: '从此时间起，如 2025-06-27', en: 'from this time on: 2025-06-27, say' }))
    .option('--to <time>', say({ zh: '到此时间止', en: 'up to this time' }))
    .addOption(
      new Option('--level <level>', say({ zh: '只输出此级别', en: 'only lines of this level' }))
        .choices(LOG_LEVELS)
        .argParser(upperLevel(context)),
    )
    .addOption(new Option('--step <step>', say({ zh: '只输出此步骤', en: 'only lines of this step' })).choices(STEPS))
    .option(
      '-n, --limit <number>',
      say({ zh: '只输出最后这么多行', en: 'only this many lines, the last ones' }),
      integerBetween(context, 1, LIMIT_MAX),
    )
    .option('--json', say({ zh: '每行一个 JSON 对象', en: 'print a JSON object per line' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix logs -f manual_20250627_143052
  $ helix logs manual_20250627_143052 --level ERROR
  $ helix logs manual_20250627_143052 --step sql_validation --limit 50
  $ helix logs --search "connection refused" --from 2025-06-27`,
    )
    .action(async (taskId: string | undefined, options: LogsOptions) => {
      const isSearch = options.search !== undefined || options.from !== undefined || options.to !== undefined
      if (isSearch && options.follow !== true) return await searchAllLogs(context, taskId, options)
      if (taskId === undefined || isSearch) throw needsTask(context)
      await withApi(context, (api) => printLogs(context, api, taskId, options))
    })
}

async function printLogs(context: CliContext, api: HelixApi, taskId: string, options: LogsOptions): Promise<void> {
  const print = (line: LogAnswer) => {
    const text = options.json === true ? JSON.stringify(line) : renderLog(line, context.output.resultStyle)
    context.output.result(text)
  }
  if (options.follow === true) await followLogs(context, api, taskId, options, print)
  else if (options.limit === undefined) for await (const line of allLogs(api, taskId, options)) print(line)
  else for (const line of await lastLogs(api, taskId, options, options.limit)) print(line)
}

async function* allLogs(api: HelixApi, taskId: string, { level, step }: LogsOptions): AsyncGenerator<LogAnswer> {
  let cursor: string | undefined
  do {
    const page = await api.logs(taskId, { level, step, limit: PAGE, cursor })
    yield* page.logs
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}

async function lastLogs(
  api: HelixApi,
  taskId: string,
  { level, step }: LogsOptions,
  limit: number,
): Promise<LogAnswer[]> {
  const lines: LogAnswer[] = []
  let cursor: string | undefined
  do {
    const query = { level, step, order: 'desc', limit: Math.min(PAGE, limit - lines.length), cursor }
    const page = await api.logs(taskId, query)
    lines.push(...page.logs)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined && lines.length < limit)
  return lines.reverse()
}

/** Prints the log and what is added to it, until the task is over or the person has seen enough. */
async function followLogs(
  context: CliContext,
  api: HelixApi,
  taskId: string,
  options: LogsOptions,
  print: (line: LogAnswer) => void,
): Promise<void> {
  const { level, step, limit } = options
  const interrupt = listenForInterrupt(context.world)
  const skip = limit === undefined ? new Set() : await earlierLines(api, taskId, options, limit)
  let lastId: string | null = null
  let tries = 0
  try {
    while (!interrupt.signal.aborted) {
      try {
        const response = await api.events(taskId, lastId, interrupt.signal)
        if (response.status === 204 || response.body === null) return
        for await (const { id, event, data } of readEvents(response.body, interrupt.signal)) {
          lastId = id ?? lastId
          tries = 0
          const line = event === 'log' ? LogLine.safeParse(JSON.parse(data)).data : undefined
          if (line === undefined || skip.has(line.id)) continue
          if ((level === undefined || line.level === level) && (step === undefined || line.step_name === step))
            print(line)
        }
      } catch (error) {
        if (interrupt.signal.aborted) break
        const lost = !(error instanceof CliFailure) || error.exitCode === EXIT.unreachable
        tries += 1
        if (!lost || tries >= TRIES_MAX) throw error
      }
      await pause(tries === 0 ? AGAIN_MS : RETRY_MS, interrupt.signal)
    }
    context.finish(interrupt.exitCode())
  } finally {
    interrupt.release()
  }
}

/** The lines before the last `limit` ones. */
async function earlierLines(api: HelixApi, taskId: string, options: LogsOptions, limit: number): Promise<Set<unknown>> {
  const ids: unknown[] = []
  for await (const { id } of allLogs(api, taskId, options)) ids.push(id)
  return new Set(ids.slice(0, -limit))
}

function needsTask({ say }: CliContext): CliFailure {
  const message = say({ zh: '请给出任务 id，或用 --search 搜索', en: 'Name a task, or search with --search' })
  const hint = say({
    zh: '--follow 只用于一个任务，不能与搜索同用',
    en: '--follow is for one task, and not for a search',
  })
  return new CliFailure(EXIT.usage, 'usage', message, { hint })
}

/** Levels may be written in small letters. */
function upperLevel({ say }: CliContext) {
  return (value: string): string => {
    const level = value.toUpperCase()
    if ((LOG_LEVELS as readonly string[]).includes(level)) return level
    throw new CliFailure(
      EXIT.usage,
      'invalid_level',
      say({ zh: `未知的日志级别 ${value}`, en: `There is no log level ${value}` }),
      {
        hint: LOG_LEVELS.join(', '),
      },
    )
  }
}
