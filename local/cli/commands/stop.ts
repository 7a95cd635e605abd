import type { Command } from 'commander'
import { placesOf } from '../../supervisor/places.ts'
import { type Situation, situationOf } from '../../supervisor/situation.ts'
import { readState, writeState } from '../../supervisor/state-file.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { integerBetween } from '../option-values.ts'
import { clearKilled, type StopChoice, type Stopped, stillStopping, stopRecorded } from '../processes/background.ts'
import { refusal, standingText } from '../processes/standing-words.ts'

interface StopOptions extends StopChoice {
  readonly json?: boolean
}

const TIMEOUT_SECONDS_MAX = 3_600
export const TIMEOUT_SECONDS_USUAL = 60

/** How long whoever stops a runner waits, and what then. */
export function addStopOptions(command: Command, context: CliContext): Command {
  const { say } = context
  return command
    .option(
      '--timeout <seconds>',
      say({ zh: '停止时最多等待多少秒', en: 'wait so long for it to stop' }),
      integerBetween(context, 1, TIMEOUT_SECONDS_MAX),
      TIMEOUT_SECONDS_USUAL,
    )
    .option('--force', say({ zh: '超时后强制结束（SIGKILL）', en: 'kill what is still alive after that time' }))
}

export function addStopCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  const command = program
    .command('stop')
    .summary(say({ zh: '停止后台或前台的运行器', en: 'stop the runner' }))
    .description(
      say({
        zh: '请求运行器（及其监督进程）停止，并等待其保存进度。只触碰记录在案、且进程号、启动时间和命令行都相符的进程。',
        en: 'Asks the runner and its supervisor to stop, and waits until what is in flight has been kept. Touches the recorded process only, and only if number, start and command line are those of the record.',
      }),
    )
  addStopOptions(command, context)
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix stop\n  $ helix stop --timeout 10 --force`,
    )
    .action(async (options: StopOptions) => {
      const stopped = await stopNamed(context, options)
      if (options.json === true) {
        return output.json({
          status: 'stopped',
          pid: stopped?.pid ?? null,
          supervisor_pid: stopped?.supervisor_pid ?? null,
          killed: stopped?.end === 'killed',
        })
      }
      output.result(stopText(stopped, context))
    })
}

/**
 * Stops what the process files name.
 * @returns null when nothing runs
 * @throws {CliFailure} `process_refused`, `process_stale`, `still_stopping`
 */
export async function stopNamed(context: CliContext, choice: StopChoice): Promise<Stopped | null> {
  const { say, output } = context
  const places = placesOf(context.config())
  const situation = situationOf(places)
  const isServed = situation.supervisor.kind === 'running'
  const oddity = standingText(situation.runner, places.runnerFile, say)
  if (oddity !== null && isServed) output.note(oddity)
  if (!isServed) requireNamed(situation, context)
  const isAlive = [situation.runner, situation.supervisor].some(({ kind }) => kind === 'running')
  if (!isAlive) return null
  output.note(
    say({
      zh: `正在停止，最多等待 ${choice.timeout} 秒${choice.force === true ? '，之后强制结束' : ''}…`,
      en: `Stopping; it gets ${choice.timeout} s to keep its work${choice.force === true ? ', then it is killed' : ''}…`,
    }),
  )
  const stopped = await stopRecorded(situation, choice)
  if (stopped?.end === 'alive') throw stillStopping(stopped, choice, context)
  await clearKilled(situation, places)
  const state = readState(places.stateFile)
  // Its supervisor could not say that it was meant to end.
  if (state !== null && state.status !== 'stopped') writeState(places.stateFile, { ...state, status: 'stopped' })
  return stopped
}

/** @throws {CliFailure} where a file names something that is not to be touched */
function requireNamed({ runner, supervisor }: Situation, context: CliContext): void {
  const { say } = context
  const places = placesOf(context.config())
  for (const [standing, path] of [
    [runner, places.runnerFile],
    [supervisor, places.supervisorFile],
  ] as const) {
    if (standing.kind === 'running') return
    if (standing.kind === 'refused') throw refusal(standing.why, path, standing.now, say)
    if (standing.kind !== 'stale') continue
    const message = say({ zh: '没有触碰任何进程：', en: 'No process was touched: ' })
    throw new CliFailure(EXIT.failed, 'process_stale', `${message}${standingText(standing, path, say)}`, {
      hint: say({ zh: '用 `helix recover` 清理', en: '`helix recover` clears it' }),
    })
  }
}

function stopText(stopped: Stopped | null, { say }: CliContext): string {
  if (stopped === null) return say({ zh: 'Helix 没有在运行', en: 'Helix does not run' })
  const { pid, end } = stopped
  if (end === 'killed') return say({ zh: `已强制结束进程 ${pid}`, en: `Process ${pid} was killed` })
  return say({ zh: `已停止（进程 ${pid}）`, en: `Stopped (process ${pid})` })
}
