import { type Command, Option } from 'commander'
import type { Config } from '../../../shared/platform/config.ts'
import { isLoopback } from '../../control/guard.ts'
import { placesOf } from '../../supervisor/places.ts'
import { standingOf } from '../../supervisor/standing.ts'
import { runnerUrl } from '../client.ts'
import type { CliContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { integerBetween } from '../option-values.ts'
import { renderFields } from '../output/table.ts'
import { backgroundFields, startInBackground } from '../processes/background.ts'
import { movedText, requirePort, withHolder } from '../processes/port-words.ts'
import { superviseHere } from '../processes/supervise-here.ts'
import { SUPERVISED } from '../world.ts'

interface StartOptions {
  readonly port?: number
  readonly host?: string
  readonly detach?: boolean
  readonly supervise?: boolean
  readonly background?: boolean
  readonly preferredPort?: number
  readonly json?: boolean
}

const PORT_MAX = 65_535

export function addStartCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('start')
    .summary(say({ zh: '启动运行器：HTTP API、队列、定时任务', en: 'serve the API, the queue and the schedules' }))
    .description(
      say({
        zh: '在本机运行整个 Helix。日志以 JSON 行写到标准输出；Ctrl-C 或 SIGTERM 会保存进度后退出，再按一次立即退出。加 --detach 在后台运行，崩溃后自动重启。',
        en: 'Runs the whole of Helix on this machine. The log goes to standard output as JSON lines. Ctrl-C or SIGTERM ends it once what is in flight has been kept; a second one ends it at once. With --detach it runs in the background and is restarted after a crash.',
      }),
    )
    .addOption(
      new Option(
        '-p, --port <number>',
        say({
          zh: '监听端口（默认 API_PORT，否则 8000–8099 中第一个空闲端口）',
          en: 'listen here and nowhere else (default: API_PORT, else the first free one of 8000–8099)',
        }),
      ).argParser(integerBetween(context, 1, PORT_MAX)),
    )
    .option(
      '--host <address>',
      say({
        zh: '监听地址（默认 HELIX_HOST，否则 127.0.0.1）',
        en: 'listen on this address (default: HELIX_HOST, else 127.0.0.1)',
      }),
    )
    .option(
      '-d, --detach',
      say({
        zh: '在后台运行，有监督进程和日志文件；用 helix stop 停止',
        en: 'run in the background, supervised, with log files; `helix stop` ends it',
      }),
    )
    .option(
      '--supervise',
      say({
        zh: '在前台运行监督进程：崩溃后重启，并保存日志文件',
        en: 'supervise in the foreground: restart after a crash, keep log files',
      }),
    )
    .option('--json', say({ zh: '与 --detach 一起：以 JSON 输出', en: 'with --detach: print JSON' }))
    .addOption(new Option('--background').hideHelp())
    .addOption(new Option('--preferred-port <number>').argParser(integerBetween(context, 1, PORT_MAX)).hideHelp())
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix start
  $ helix start --port 8080
  $ helix start --detach
  $ HELIX_LOG_LEVEL=warning helix start > helix.log`,
    )
    .action(async (options: StartOptions) => {
      const config = context.config(options.host === undefined ? {} : { HELIX_HOST: options.host })
      if (options.detach === true) await detach(context, config, options)
      else if (options.supervise === true) await superviseHere(context, config, options)
      else {
        context.finish(await serve(context, config, options))
      }
    })
}

async function detach(context: CliContext, config: Config, { port, host, json }: StartOptions): Promise<void> {
  const { output, say } = context
  requireNoneAlive(context, config)
  await requirePort(config, port, say)
  const start = { port: port ?? null, host: host ?? null, preferredPort: null }
  const background = await startInBackground(context, config, start)
  if (background.status === 'starting') context.finish(EXIT.unreachable)
  if (json === true) return output.json(background)
  for (const line of renderFields(backgroundFields(background, context))) output.result(line)
}

/** @throws {CliFailure} `data_dir_taken` */
function requireNoneAlive({ say }: CliContext, config: Config): void {
  const { runnerFile, supervisorFile } = placesOf(config)
  const runner = standingOf(runnerFile, 'runner')
  const alive = [standingOf(supervisorFile, 'supervisor'), runner].find(({ kind }) => kind === 'running')
  if (alive?.kind !== 'running') return
  const { pid } = alive.record
  const port = runner.kind === 'running' ? runner.record.port : null
  const url = port === null ? '' : ` ${runnerUrl(config.HELIX_HOST, port)}`
  throw new CliFailure(
    EXIT.configuration,
    'data_dir_taken',
    say({ zh: `Helix 已在运行：进程 ${pid}${url}`, en: `Helix runs already: process ${pid}${url}` }),
    { hint: say({ zh: '用 `helix status` 查看，或 `helix restart`', en: 'See `helix status`, or `helix restart`' }) },
  )
}

/** Serves until the person, the system or the runner itself wants it to end. */
async function serve(context: CliContext, config: Config, { port }: StartOptions): Promise<ExitCode> {
  const { say, output } = context
  // A supervisor keeps what is said: the log alone is for it.
  const isAlone = context.world.env[SUPERVISED] !== '1'
  const note = (text: string) => (isAlone ? output.note(text) : undefined)
  const interrupt = listenForInterrupt(context.world, () => note(say({ zh: '正在停止…', en: 'Stopping…' })))
  const { openRunner } = await import('../../runner/open-runner.ts')
  const restart = new AbortController()
  const runner = await openRunner(config, {
    ...(port === undefined ? {} : { port }),
    // Alone it would only be gone.
    ...(isAlone ? {} : { onRestartAsked: () => restart.abort() }),
  })
  try {
    if (interrupt.signal.aborted) return EXIT.ok
    const { url, port: used } = await runner.listen().catch((thrown: unknown) => {
      throw withHolder(thrown, config, port, say)
    })
    const moved = movedText(config, port, used, say)
    if (moved !== null) note(moved)
    const style = output.noteStyle
    note(`${say({ zh: 'Helix 已启动：', en: 'Helix runs at ' })}${style.strong(style.accent(url))}`)
    for (const line of renderFields(placesAt(url, runnerUrl(config.HELIX_HOST, used), config, say))) note(`  ${line}`)
    note(say({ zh: '按 Ctrl-C 停止', en: 'Ctrl-C stops it' }))
    await aborted(AbortSignal.any([interrupt.signal, restart.signal]))
    return interrupt.signal.aborted ? EXIT.ok : EXIT.restart
  } finally {
    await runner.stop()
    interrupt.release()
  }
}

/** Where to go. The inspector is there for whoever is on this machine, where no keys are asked for. */
function placesAt(url: string, here: string, { HELIX_AUTH: auth }: Config, say: CliContext['say']): [string, string][] {
  const inspector: [string, string] = [say({ zh: '检查器', en: 'Inspector' }), `${here}/__local`]
  return [
    [say({ zh: '接口', en: 'API' }), `${url}/api/v0/data_pipeline/tasks`],
    [say({ zh: '文档', en: 'Docs' }), `${url}/docs`],
    ...(auth === 'off' && isLoopback(new URL(here).hostname) ? [inspector] : []),
  ]
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
