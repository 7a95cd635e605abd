import type { Command } from 'commander'
import { maskedConfig } from '../../../shared/platform/config.ts'
import type { CliContext } from '../context.ts'

interface ConfigOptions {
  readonly json?: boolean
}

export function addConfigCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('config')
    .summary(say({ zh: '显示生效的配置', en: 'print the effective settings' }))
    .description(
      say({
        zh: '显示生效的配置（环境变量优先于 .env），密码和密钥已隐藏。',
        en: 'Prints the effective settings, from the environment and then .env; passwords and keys are masked.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix config\n  $ helix config --json`)
    .action((options: ConfigOptions) => {
      const shown = maskedConfig(context.config())
      if (options.json === true) output.json(shown)
      else
        for (const [name, value] of Object.entries(shown)) output.result(`${output.resultStyle.accent(name)}=${value}`)
    })
}
