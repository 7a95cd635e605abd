import { basename } from 'node:path'
import type { Command } from 'commander'
import { removeStaleFile, truePath, writeProcessFile } from '../../drivers/process-files.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { type Places, placesOf } from '../../supervisor/places.ts'
import { decideRecovery, type RecoveryStep } from '../../supervisor/recovery.ts'
import { situationOf } from '../../supervisor/situation.ts'
import { stopProcess } from '../../supervisor/stop.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderFields } from '../output/table.ts'
import { type Background, backgroundFields, startInBackground, stillStopping } from '../processes/background.ts'
import { healthAfter, snapshotBefore } from '../processes/recovery-stages.ts'
import { refusal } from '../processes/standing-words.ts'
import { TIMEOUT_SECONDS_USUAL } from './stop.ts'

interface RecoverOptions {
  readonly dryRun?: boolean
  readonly backup: boolean
  readonly json?: boolean
}

export function addRecoverCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('recover')
    .summary(say({ zh: '崩溃或重启机器之后恢复', en: 'put things right after a crash or a reboot' }))
    .description(
      say({
        zh: '清除已不存在的进程留下的进程文件和锁，备份数据，重新启动此前在运行的 Helix 并核对健康；其占用的任务随即由新的运行器接管。不触碰任何其他进程。',
        en: 'Clears the process files and locks of processes that are gone, backs the data up, starts again what had been running and asks it how it is; the work that they held is taken up at once. No other process is touched.',
      }),
    )
    .option('--dry-run', say({ zh: '只说明会做什么', en: 'say what would be done, and do nothing' }))
    .option('--no-backup', say({ zh: '启动前不备份', en: 'take no backup before starting' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix recover --dry-run\n  $ helix recover`)
    .action(async ({ dryRun, backup, json }: RecoverOptions) => {
      const places = placesOf(context.config())
      const recovery = decideRecovery(situationOf(places), places)
      if (recovery.kind === 'refuse') throw refusal(recovery.why, places.runnerFile, recovery.now, say)
      const steps = locksFirst(recovery.steps)
      let started: Background | null = null
      let kept: string | null = null
      for (const step of steps) {
        if (step.kind === 'start' && backup && dryRun !== true) kept = await snapshotBefore(context)
        if (json !== true) output.result(stepText(step, context, dryRun === true))
        if (dryRun !== true) started = (await act(step, places, context)) ?? started
      }
      const health = started === null ? null : await healthAfter(started)
      if (health !== null && health !== 'healthy') context.finish(EXIT.failed)
      if (json === true) {
        return output.json({ dry_run: dryRun === true, steps: steps.map(stepDocument), started, backup: kept, health })
      }
      if (steps.length === 0) output.result(say({ zh: '没有需要恢复的', en: 'There is nothing to recover' }))
      if (started === null) return
      const more: [string, string][] = [
        [say({ zh: '健康', en: 'health' }), health ?? '–'],
        [say({ zh: '恢复前的备份', en: 'backup' }), kept ?? '–'],
      ]
      for (const line of renderFields([...backgroundFields(started, context), ...more])) output.result(line)
      output.note(say({ zh: '用 `helix scan` 检查脏数据', en: 'See with `helix scan` whether it left dirty data' }))
    })
}

/** A lock that is held keeps the file that it guards from being removed. */
function locksFirst(steps: readonly RecoveryStep[]): readonly RecoveryStep[] {
  const isLeftover = (step: RecoveryStep) => step.kind === 'remove-file' && step.which === 'leftover'
  return [...steps.filter(isLeftover), ...steps.filter((step) => !isLeftover(step))]
}

async function act(step: RecoveryStep, places: Places, context: CliContext): Promise<Background | null> {
  switch (step.kind) {
    case 'remove-file':
      await removeStaleFile(step.path, step.text)
      return null
    case 'mend-runner-file':
      await writeProcessFile(places.runnerFile, { ...step.record, path: await truePath(places.runnerFile) })
      return null
    case 'stop-orphan': {
      const choice = { timeout: TIMEOUT_SECONDS_USUAL }
      const options = { clock: systemClock(), timeoutMs: choice.timeout * 1000, force: false }
      const end = await stopProcess({ role: 'runner', record: step.record }, [], options)
      if (end === 'alive') throw stillStopping({ end, pid: step.record.pid, supervisor_pid: null }, choice, context)
      return null
    }
    case 'start': {
      const config = context.config(step.host === null ? {} : { HELIX_HOST: step.host })
      return await startInBackground(context, config, step)
    }
  }
}

function stepText(step: RecoveryStep, { say }: CliContext, isDry: boolean): string {
  const [zh, en] = isDry ? ['将', 'Would '] : ['', '']
  const told = (chinese: string, english: string) =>
    say({ zh: `${zh}${chinese}`, en: isDry ? `${en}${english}` : `${english[0]?.toUpperCase()}${english.slice(1)}` })
  switch (step.kind) {
    case 'remove-file': {
      const name = basename(step.path)
      return told(`清除 ${name}：其中的进程已不是 Helix`, `clear ${name}: it names no process of Helix any more`)
    }
    case 'mend-runner-file':
      return told(
        `改正 helix.pid：运行器是进程 ${step.record.pid}`,
        `correct helix.pid: the runner is process ${step.record.pid}`,
      )
    case 'stop-orphan':
      return told(
        `停止失去监督进程的运行器 ${step.record.pid}（保存进度）`,
        `stop runner ${step.record.pid}, which has lost its supervisor, keeping its work`,
      )
    case 'start':
      return told('重新启动此前在运行的 Helix', 'start again what had been running')
  }
}

function stepDocument(step: RecoveryStep) {
  switch (step.kind) {
    case 'remove-file':
      return { kind: step.kind, path: step.path }
    case 'mend-runner-file':
    case 'stop-orphan':
      return { kind: step.kind, pid: step.record.pid }
    case 'start':
      return { kind: step.kind, port: step.port ?? step.preferredPort, host: step.host }
  }
}
