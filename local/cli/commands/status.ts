import type { Command } from 'commander'
import { systemClock } from '../../drivers/system-clock.ts'
import { placesOf } from '../../supervisor/places.ts'
import { situationOf } from '../../supervisor/situation.ts'
import type { CliContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Text } from '../language.ts'
import { renderFields } from '../output/table.ts'
import { bytesText, durationText } from '../output/units.ts'
import { type ProcessReport, reportOf } from '../processes/report.ts'
import { standingText } from '../processes/standing-words.ts'

interface StatusOptions {
  readonly json?: boolean
}

export function addStatusCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('status')
    .summary(say({ zh: '显示运行器的状态', en: 'tell how the runner is' }))
    .description(
      say({
        zh: '显示运行器是否在运行、进程号、运行时长、地址、重启次数、最近一次崩溃、日志和健康状况。健康时退出码为 0，没有在运行为 1，不回答为 4。',
        en: 'Tells whether the runner runs, its pid, uptime, url, restarts, last crash, log and health. Exits with 0 when it is healthy, 1 when it does not run or is not well, 4 when it does not answer.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix status\n  $ helix status --json`)
    .action(async (options: StatusOptions) => {
      const config = context.config()
      const places = placesOf(config)
      const situation = situationOf(places)
      const report = await reportOf(situation, places, config, systemClock().now())
      if (options.json === true) output.json(report)
      else {
        for (const line of renderFields(fieldsOf(report, context))) output.result(line)
        for (const [standing, path] of [
          [situation.runner, places.runnerFile],
          [situation.supervisor, places.supervisorFile],
        ] as const) {
          const text = standingText(standing, path, say)
          if (text !== null) output.note(text)
        }
        const hint = hintFor(report)
        if (hint !== null) output.note(say(hint))
      }
      context.finish(exitCodeOf(report))
    })
}

const STATUS: Readonly<Record<ProcessReport['status'], Text>> = {
  running: { zh: '运行中', en: 'running' },
  stopped: { zh: '未运行', en: 'stopped' },
  stale: { zh: '已崩溃或记录过期', en: 'stale' },
}

function fieldsOf(report: ProcessReport, context: CliContext): [string, string][] {
  const { say, language, output } = context
  const style = output.resultStyle
  const paint = { running: style.good, stopped: style.faint, stale: style.bad }[report.status]
  const { supervisor, last_crash: crash, log, health } = report
  const fields: [Text, string | null][] = [
    [{ zh: '状态', en: 'status' }, paint(say(STATUS[report.status]))],
    [{ zh: '进程', en: 'pid' }, numberText(report.pid)],
    [{ zh: '地址', en: 'url' }, report.url],
    [
      { zh: '已运行', en: 'uptime' },
      report.uptime_seconds === null ? null : durationText(report.uptime_seconds, language),
    ],
    [
      { zh: '监督进程', en: 'supervisor' },
      supervisor === null
        ? null
        : `${supervisor.pid}${supervisor.status === 'waiting' ? ` (${supervisor.status})` : ''}`,
    ],
    [{ zh: '重启次数', en: 'restarts' }, supervisor === null && report.restarts === 0 ? null : String(report.restarts)],
    [{ zh: '最近崩溃', en: 'last crash' }, crash === null ? null : crashText(crash)],
    [{ zh: '下次尝试', en: 'next try' }, report.next_try_at],
    [
      { zh: '日志', en: 'log' },
      log === null ? null : `${log.file} (${bytesText(log.bytes)}; ${log.files} × ${bytesText(log.total_bytes)})`,
    ],
    [{ zh: '健康', en: 'health' }, health?.status ?? null],
  ]
  return fields.flatMap(([name, value]) => (value === null ? [] : [[say(name), value]]))
}

function crashText({ at, exit_code, signal, last_words }: NonNullable<ProcessReport['last_crash']>): string {
  const lines = last_words.split('\n')
  const last = lines.find((line) => /error|错误/i.test(line)) ?? lines.at(-1) ?? ''
  return [at, signal ?? `exit ${exit_code}`, last].filter((part) => part !== '').join('  ')
}

function numberText(value: number | null): string | null {
  return value === null ? null : String(value)
}

function hintFor(report: ProcessReport): Text | null {
  if (report.status === 'stale' || report.gave_up !== null) {
    return {
      zh: '用 `helix recover` 清理并重新启动',
      en: '`helix recover` clears what is left and starts it again',
    }
  }
  if (report.status === 'running' && report.supervisor === null && report.log !== null && report.restarts > 0) {
    return { zh: '没有监督进程：`helix recover`', en: 'It has no supervisor: `helix recover`' }
  }
  return null
}

function exitCodeOf({ status, health, pid }: ProcessReport): ExitCode {
  if (status !== 'running' || pid === null) return EXIT.failed
  if (health === null || health.status === 'unreachable') return EXIT.unreachable
  return health.status === 'unhealthy' ? EXIT.failed : EXIT.ok
}
