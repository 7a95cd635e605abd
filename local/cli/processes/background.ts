import type { Config } from '../../../shared/platform/config.ts'
import { removeStaleFile } from '../../drivers/process-files.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { launch } from '../../supervisor/launch.ts'
import { type Places, placesOf } from '../../supervisor/places.ts'
import type { StartAgain } from '../../supervisor/recovery.ts'
import type { Situation } from '../../supervisor/situation.ts'
import { standingOf } from '../../supervisor/standing.ts'
import { type StopEnd, stopProcess, type Target } from '../../supervisor/stop.ts'
import { runnerUrl } from '../client.ts'
import type { CliContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { movedText } from './port-words.ts'
import { logReport } from './report.ts'

/** Helix in the background, as a person or a program is told of it. */
export interface Background {
  readonly status: 'running' | 'starting'
  readonly pid: number | null
  readonly supervisor_pid: number
  readonly url: string | null
  readonly port: number | null
  readonly log_file: string
}

const EXIT_CODES: readonly number[] = Object.values(EXIT)

/** Starts Helix under a supervisor in the background. @throws {CliFailure} with the supervisor's words when it ends */
export async function startInBackground(context: CliContext, config: Config, start: StartAgain): Promise<Background> {
  const { say, world, output } = context
  const places = placesOf(config)
  const clock = systemClock(config.HELIX_TIME_ZONE)
  const launched = await launch({ places, env: world.env, clock, ...start })
  const log_file = logReport(places)?.file ?? places.logs
  if (launched.kind === 'ended') throw ended(launched.code, launched.lastWords, log_file, context)
  const supervisor_pid = launched.supervisor
  if (launched.kind === 'slow') {
    output.note(
      say({
        zh: '运行器尚未启动成功，监督进程会继续尝试',
        en: 'The runner is not up yet; the supervisor keeps trying',
      }),
    )
    if (launched.lastWords !== '') output.note(launched.lastWords)
    return { status: 'starting', pid: null, supervisor_pid, url: null, port: null, log_file }
  }
  const { pid, port } = launched.runner
  const url = port === null ? null : runnerUrl(start.host ?? config.HELIX_HOST, port)
  const moved = port === null ? null : movedText(config, start.preferredPort ?? undefined, port, say)
  if (moved !== null) output.note(moved)
  return { status: 'running', pid, supervisor_pid, url, port, log_file }
}

/** `pid`, `url` and the log, for a person. */
export function backgroundFields(background: Background, { say }: CliContext): [string, string][] {
  return [
    [say({ zh: '进程', en: 'pid' }), background.pid === null ? '–' : String(background.pid)],
    [say({ zh: '监督进程', en: 'supervisor' }), String(background.supervisor_pid)],
    [say({ zh: '地址', en: 'url' }), background.url ?? '–'],
    [say({ zh: '日志', en: 'log' }), background.log_file],
  ]
}

/** What a stop comes to. */
export interface Stopped {
  readonly end: StopEnd
  readonly pid: number
  readonly supervisor_pid: number | null
}

export interface StopChoice {
  readonly timeout: number
  readonly force?: boolean
}

/** Stops what the files name, supervisor and runner; null where they name nothing that is alive and Helix. */
export async function stopRecorded(
  { supervisor, runner, started }: Situation,
  choice: StopChoice,
): Promise<Stopped | null> {
  const serving = runner.kind === 'running' ? runner : started.kind === 'running' ? started : null
  const watching = supervisor.kind === 'running' ? supervisor : null
  const runners: Target[] = serving === null ? [] : [{ role: 'runner', record: serving.record }]
  const target = watching === null ? runners[0] : ({ role: 'supervisor', record: watching.record } as const)
  if (target === undefined) return null
  const end = await stopProcess(target, watching === null ? [] : runners, {
    clock: systemClock(),
    timeoutMs: choice.timeout * 1000,
    force: choice.force === true,
  })
  return {
    end,
    pid: serving?.record.pid ?? target.record.pid,
    supervisor_pid: watching?.record.pid ?? null,
  }
}

/** Removes the files of processes that had no time to do so. */
export async function clearKilled(
  { runner, supervisor }: Situation,
  { runnerFile, supervisorFile }: Places,
): Promise<void> {
  for (const [before, path, role] of [
    [runner, runnerFile, 'runner'],
    [supervisor, supervisorFile, 'supervisor'],
  ] as const) {
    const now = standingOf(path, role)
    const isSame = before.kind === 'running' && now.kind === 'stale' && before.record.pid === now.record?.pid
    if (isSame) await removeStaleFile(path, now.text)
  }
}

/** A stop that takes longer than it was given. */
export function stillStopping(stopped: Stopped, { timeout }: StopChoice, { say }: CliContext): CliFailure {
  const message = say({
    zh: `进程 ${stopped.pid} 在 ${timeout} 秒后仍在保存进度`,
    en: `Process ${stopped.pid} is still keeping its work after ${timeout} s`,
  })
  const hint = say({
    zh: '它会自行结束；要立即结束用 `helix stop --force`',
    en: 'It will end by itself; to end it now, `helix stop --force`',
  })
  return new CliFailure(EXIT.failed, 'still_stopping', message, { hint })
}

export function logsOf(places: Places): string {
  return logReport(places)?.file ?? places.logs
}

function ended(code: number | null, words: string, log: string, { say }: CliContext): CliFailure {
  const exit = EXIT_CODES.includes(code ?? -1) && code !== EXIT.ok ? (code as ExitCode) : EXIT.failed
  const message = words.replace(/^(Error: |错误：)/, '')
  const fallback = say({ zh: `监督进程以 ${code} 结束`, en: `The supervisor ended with ${code}` })
  const hint = say({ zh: `日志：${log}`, en: `The log: ${log}` })
  return new CliFailure(exit, 'start_failed', message === '' ? fallback : message, { hint })
}
