import { type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { integerBetween } from '../option-values.ts'

interface StartOptions {
  readonly port?: number
  readonly host?: string
}

const PORT_MAX = 65_535

export function addStartCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('start')
    .summary(say({ zh: '启动运行器：HTTP API、队列、定时任务', en: 'serve the API, the queue and the schedules' }))
    .description(
      say({
        zh: '在本机运行整个 Helix。日志以 JSON 行写到标准输出；Ctrl-C 或 SIGTERM 会保存进度后退出，再按一次立即退出。',
        en: 'Runs the whole of Helix on this machine. The log goes to standard output as JSON lines. Ctrl-C or SIGTERM ends it once what is in flight has been kept; a second one ends it at once.',
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
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix start
  $ helix start --port 8080
  $ HELIX_LOG_LEVEL=warning helix start > helix.log`,
    )
    .action(async (options: StartOptions) => {
      await serve(context, options)
      context.finish(EXIT.ok)
    })
}

/** Serves until the person or the system wants it to end. */
async function serve(context: CliContext, { port, host }: StartOptions): Promise<void> {
  const { say, output } = context
  const config = context.config(host === undefined ? {} : { HELIX_HOST: host })
  const interrupt = listenForInterrupt(context.world, () => output.note(say({ zh: '正在停止…', en: 'Stopping…' })))
  const { openRunner } = await import('../../runner/open-runner.ts')
  const runner = await openRunner(config, port === undefined ? {} : { port })
  try {
    if (interrupt.signal.aborted) return
    const { url } = await runner.listen()
    const style = output.noteStyle
    output.note(`${say({ zh: 'Helix 已启动：', en: 'Helix runs at ' })}${style.strong(style.accent(url))}`)
    output.note(`  ${say({ zh: '接口', en: 'API' })}   ${url}/api/v0/data_pipeline/tasks`)
    output.note(`  ${say({ zh: '文档', en: 'Docs' })}  ${url}/docs`)
    output.note(say({ zh: '按 Ctrl-C 停止', en: 'Ctrl-C stops it' }))
    await aborted(interrupt.signal)
  } finally {
    await runner.stop()
    interrupt.release()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
