import { type Command, Option } from 'commander'
import { placesOf } from '../../supervisor/places.ts'
import { startAgain } from '../../supervisor/recovery.ts'
import { situationOf } from '../../supervisor/situation.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { integerBetween } from '../option-values.ts'
import { renderFields } from '../output/table.ts'
import { backgroundFields, type StopChoice, startInBackground } from '../processes/background.ts'
import { requirePort } from '../processes/port-words.ts'
import { addStopOptions, stopNamed } from './stop.ts'

interface RestartOptions extends StopChoice {
  readonly port?: number
  readonly json?: boolean
}

const PORT_MAX = 65_535

export function addRestartCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  const command = program
    .command('restart')
    .summary(say({ zh: '停止运行器，再在后台启动', en: 'stop the runner and start it in the background' }))
    .description(
      say({
        zh: '像 helix stop 一样停止，再像 helix start --detach 一样启动，尽量使用原来的端口。没有在运行时直接启动。',
        en: 'Stops as `helix stop` does, then starts as `helix start --detach` does, on the same port if it can. Starts where nothing runs.',
      }),
    )
    .addOption(
      new Option('-p, --port <number>', say({ zh: '改用此端口', en: 'listen here from now on' })).argParser(
        integerBetween(context, 1, PORT_MAX),
      ),
    )
  addStopOptions(command, context)
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix restart\n  $ helix restart --port 8080`,
    )
    .action(async (options: RestartOptions) => {
      const before = situationOf(placesOf(context.config()))
      const former = startAgain(before)
      await stopNamed(context, options)
      const host = former.host
      const config = context.config(host === null ? {} : { HELIX_HOST: host })
      await requirePort(config, options.port, say)
      const start = { ...former, port: options.port ?? former.port }
      const background = await startInBackground(context, config, start)
      if (background.status === 'starting') context.finish(EXIT.unreachable)
      if (options.json === true) return output.json(background)
      for (const line of renderFields(backgroundFields(background, context))) output.result(line)
    })
}
