import type { Config } from '../../../shared/platform/config.ts'
import { runSupervisor } from '../../supervisor/open-supervisor.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'

export interface SuperviseHereOptions {
  readonly port?: number
  readonly host?: string
  /** Nobody reads along. */
  readonly background?: boolean
  readonly preferredPort?: number
}

/** Supervises a runner in this process until either is asked to stop. @throws {CliFailure} when it gives up */
export async function superviseHere(
  context: CliContext,
  config: Config,
  { port, host, background, preferredPort }: SuperviseHereOptions,
): Promise<void> {
  const { world, say } = context
  const end = await runSupervisor({
    config,
    env: world.env,
    port: port ?? null,
    host: host ?? null,
    preferredPort: preferredPort ?? null,
    echo: background === true ? null : (lines) => void world.stdout.write(lines.toString('utf8')),
    onStopSignal: (handler) => {
      const undo = [
        world.onSignal('SIGINT', () => handler('SIGINT')),
        world.onSignal('SIGTERM', () => handler('SIGTERM')),
        world.onSignal('SIGHUP', () => handler('SIGTERM')), // the terminal was closed
      ]
      return () => {
        for (const give of undo) give()
      }
    },
  })
  if (end.kind === 'stopped') return context.finish(EXIT.ok)
  const words = end.lastWords.replace(/^(Error: |错误：)/, '')
  if (end.reason === 'configuration') {
    const fallback = say({ zh: '运行器不接受其配置', en: 'The runner does not accept its configuration' })
    throw new CliFailure(EXIT.configuration, 'start_failed', words === '' ? fallback : words)
  }
  const message = say({ zh: '运行器反复崩溃，不再重启', en: 'The runner crashed again and again; it is not restarted' })
  throw new CliFailure(EXIT.failed, 'crash_loop', words === '' ? message : `${message}\n${words}`)
}
