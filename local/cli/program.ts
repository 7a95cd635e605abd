import { readFileSync } from 'node:fs'
import { Command, type CommanderError, Option } from 'commander'
import { addAlertsCommand } from './commands/alerts.ts'
import { addApiCheckCommand } from './commands/api-check.ts'
import { addBackupCommand } from './commands/backup.ts'
import { addCancelCommand } from './commands/cancel.ts'
import { addCleanupCommand } from './commands/cleanup.ts'
import { addCleanupsCommand } from './commands/cleanups.ts'
import { addClockCommand } from './commands/clock.ts'
import { addConfigCommand } from './commands/config.ts'
import { addCostCommand } from './commands/cost.ts'
import { addCronCommand } from './commands/cron.ts'
import { addDbCommand } from './commands/db.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addHealthCommand } from './commands/health.ts'
import { addIncidentsCommand } from './commands/incidents.ts'
import { addLogsCommand } from './commands/logs.ts'
import { addMigrateCommand } from './commands/migrate.ts'
import { addNodeCommand } from './commands/node.ts'
import { addPerfCommand } from './commands/perf.ts'
import { addQualityCommand } from './commands/quality.ts'
import { addRecoverCommand } from './commands/recover.ts'
import { addRestartCommand } from './commands/restart.ts'
import { addRestoreCommand } from './commands/restore.ts'
import { addResumeCommand } from './commands/resume.ts'
import { addRollbackCommand } from './commands/rollback.ts'
import { addRunCommand } from './commands/run.ts'
import { addScanCommand } from './commands/scan.ts'
import { addStartCommand } from './commands/start.ts'
import { addStatusCommand } from './commands/status.ts'
import { addStopCommand } from './commands/stop.ts'
import { addTaskCommand } from './commands/task.ts'
import { addTasksCommand } from './commands/tasks.ts'
import { addWorkflowCommand } from './commands/workflow.ts'
import { addZombiesCommand } from './commands/zombies.ts'
import type { CliContext } from './context.ts'
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes.ts'
import { CliFailure } from './failure.ts'
import type { Text } from './language.ts'

const ADD_COMMANDS = [
  addDemoCommand,
  addRunCommand,
  addResumeCommand,
  addStartCommand,
  addStopCommand,
  addRestartCommand,
  addStatusCommand,
  addRecoverCommand,
  addBackupCommand,
  addRestoreCommand,
  addApiCheckCommand,
  addTasksCommand,
  addTaskCommand,
  addQualityCommand,
  addWorkflowCommand,
  addLogsCommand,
  addCancelCommand,
  addNodeCommand,
  addScanCommand,
  addCleanupCommand,
  addCleanupsCommand,
  addRollbackCommand,
  addZombiesCommand,
  addIncidentsCommand,
  addConfigCommand,
  addDoctorCommand,
  addHealthCommand,
  addAlertsCommand,
  addDbCommand,
  addPerfCommand,
  addMigrateCommand,
  addCostCommand,
  addCronCommand,
  addClockCommand,
]

const TITLES_ZH: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Arguments:': '参数：',
  'Global Options:': '全局选项：',
}

/** The whole command line. It throws what goes wrong, usage included, and writes help alone by itself. */
export function createProgram(context: CliContext): Command {
  const { say, world, language } = context
  const program = new Command('helix')
    .description(
      say({
        zh: 'Helix 把业务 PostgreSQL 数据库变成经过验证的 text-to-SQL 训练数据。',
        en: 'Helix turns a business PostgreSQL database into validated text-to-SQL training data.',
      }),
    )
    .version(version(), '-V, --version', say({ zh: '显示版本', en: 'print the version' }))
    .helpOption('-h, --help', say({ zh: '显示帮助', en: 'print help' }))
    .helpCommand('help [command]', say({ zh: '显示一个命令的帮助', en: 'print help for a command' }))
    .addOption(
      new Option(
        '--lang <language>',
        say({ zh: '语言（也用于生成的问题）', en: 'language, of the questions too' }),
      ).choices(['zh', 'en']),
    )
    .option('--no-color', say({ zh: '不使用颜色', en: 'no colours' }))
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => (language === 'zh' ? (TITLES_ZH[title] ?? title) : title),
    })
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: () => undefined, // told by whoever catches what is thrown
    })
    .exitOverride()
  for (const add of ADD_COMMANDS) add(program, context)
  return program.addHelpText('after', () => `\n${closingHelp(context)}`)
}

const EXAMPLES: Text = {
  zh: `示例：
  $ helix demo                                          在内置示例上试运行，不需要数据库和密钥
  $ helix run --source postgres://reader@localhost/shop --context "网上商店" --out ./shop
  $ helix start                                         启动 HTTP API`,
  en: `Examples:
  $ helix demo                                          try it: no database and no key needed
  $ helix run --source postgres://reader@localhost/shop --context "An online shop" --out ./shop
  $ helix start                                         serve the HTTP API`,
}

function closingHelp({ say }: CliContext): string {
  const codes = Object.entries(EXIT_MEANINGS).filter(([code]) => Number(code) !== EXIT.terminated)
  const lines = codes.map(([code, meaning]) => `  ${code.padEnd(4)} ${say(meaning)}`)
  return [say(EXAMPLES), '', say({ zh: '退出码：', en: 'Exit codes:' }), ...lines].join('\n')
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const USAGE_ZH: Readonly<Record<string, (name: string) => string>> = {
  'commander.unknownOption': (name) => `未知选项 ${name}`,
  'commander.unknownCommand': (name) => `未知命令 ${name}`,
  'commander.missingArgument': (name) => `缺少参数 ${name}`,
  'commander.optionMissingArgument': (name) => `选项 ${name} 缺少值`,
  'commander.excessArguments': () => '参数过多',
  'commander.conflictingOption': (name) => `选项 ${name} 不能与另一选项同时使用`,
}

/**
 * What the parser threw, as a failure; or the exit code, where it only printed help or the version.
 * Its message is English; the common ones are said in Chinese, with its suggestion.
 */
export function usageFailure(error: CommanderError, { say }: CliContext): CliFailure | ExitCode {
  if (error.exitCode === 0) return EXIT.ok
  const message = error.message.replace(/^error: /, '')
  const [told = message, suggestion] = message.split(/\n(?=\(Did you mean )/)
  const name = /'([^']+)'/.exec(told)?.[1] ?? ''
  const zh = USAGE_ZH[error.code]?.(name) ?? told
  const meant = suggestion === undefined ? undefined : /Did you mean (?:one of )?(.+)\?\)/.exec(suggestion)?.[1]
  const help = say({ zh: '用 `helix --help` 查看用法', en: 'See `helix --help`' })
  const hint = meant === undefined ? help : say({ zh: `是否想输入 ${meant}？`, en: `Did you mean ${meant}?` })
  return new CliFailure(EXIT.usage, 'usage', say({ zh, en: told }), { hint })
}
