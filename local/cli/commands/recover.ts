import { basename } from 'node:path'
import type { Command } from 'commander'
import { ownProcesses } from '../../supervisor/own-processes.ts'
import { type Places, placesOf } from '../../supervisor/places.ts'
import { decideRecovery, type RecoveryStep } from '../../supervisor/recovery.ts'
import { type Situation, situationOf } from '../../supervisor/situation.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderFields } from '../output/table.ts'
import { backgroundFields } from '../processes/background.ts'
import { cutOffText } from '../processes/cut-off-words.ts'
import { runRecovery } from '../processes/recovery-run.ts'
import { endCutOffRestore, examine } from '../processes/recovery-stages.ts'
import { tellProcesses, tellReport } from '../processes/recovery-words.ts'
import { refusal, standingText } from '../processes/standing-words.ts'

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
        zh: '依次检查、清理、备份、停止、修复、启动、核对：清除已不存在的进程留下的进程文件和锁，备份数据，停止没有响应或失去监督的运行器，升级表结构、处理僵尸任务并检查脏数据，重新启动此前在运行的 Helix 并核对各组件。一切正常时不做任何改动。不触碰任何其他进程。',
        en: 'Checks, clears, backs up, stops, repairs, starts and verifies: clears the files and locks of processes that are gone, backs the data up, stops a runner that does not answer or has lost its supervisor, brings the store up to date, frees zombies, looks for dirty data, starts again what had been running and asks its components. Changes nothing when all is well. No other process is touched.',
      }),
    )
    .option('--dry-run', say({ zh: '只说明会做什么', en: 'say what would be done, and do nothing' }))
    .option('--no-backup', say({ zh: '启动前不备份', en: 'take no backup before starting' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix recover --dry-run\n  $ helix recover`)
    .action(async ({ dryRun, backup, json }: RecoverOptions) => {
      const places = placesOf(context.config())
      const situation = situationOf(places)
      const recovery = decideRecovery(situation, places, await examine(situation, context))
      if (recovery.kind === 'refuse') throw refusal(recovery.why, places.runnerFile, recovery.now, say)
      const steps = locksFirst(recovery.steps)
      const isDry = dryRun === true
      if (json !== true) tellProcesses(say({ zh: '现有进程', en: 'Processes' }), ownProcesses(situation), context)
      for (const note of strangers(situation, places, context)) output.note(note)
      const tell = (step: RecoveryStep) => {
        if (json !== true) output.result(stepText(step, context, isDry))
      }
      if (!isDry) await endCutOffRestore(situation, context, (ended) => output.note(say(cutOffText(ended))))
      const report = await runRecovery(context, steps, { backup, dryRun: isDry, tell })
      const { health, started, after } = report
      if (health !== null && health !== 'healthy') context.finish(EXIT.failed)
      if (json === true) return output.json({ dry_run: isDry, steps: steps.map(stepDocument), ...report })
      if (steps.length === 0) return output.result(say({ zh: '没有需要恢复的', en: 'There is nothing to recover' }))
      if (!isDry) tellReport(report, context)
      if (started !== null) {
        for (const line of renderFields(backgroundFields(started, context))) output.result(line)
      }
      if (!isDry) tellProcesses(say({ zh: '恢复后的进程', en: 'Processes now' }), after, context)
    })
}

/** A lock that is held keeps the file that it guards from being removed. */
function locksFirst(steps: readonly RecoveryStep[]): readonly RecoveryStep[] {
  const isLeftover = (step: RecoveryStep) => step.kind === 'remove-file' && step.which === 'leftover'
  return [...steps.filter(isLeftover), ...steps.filter((step) => !isLeftover(step))]
}

/** Processes that have a number which a file of Helix names, and are not Helix: they are told, and left alone. */
function strangers({ runner, supervisor }: Situation, places: Places, { say }: CliContext): string[] {
  const files = [
    [runner, places.runnerFile],
    [supervisor, places.supervisorFile],
  ] as const
  return files.flatMap(([standing, path]) => {
    if (standing.kind !== 'stale' || standing.now === null) return []
    const text = standingText(standing, path, say)
    return text === null ? [] : [say({ zh: `不触碰：${text}`, en: `Left alone: ${text}` })]
  })
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
    case 'stop-ill':
      return step.why === 'silent'
        ? told(`停止没有响应的运行器 ${step.record.pid}`, `stop runner ${step.record.pid}, which does not answer`)
        : told(
            `停止连不上存储的运行器 ${step.record.pid}`,
            `stop runner ${step.record.pid}, whose store does not answer it`,
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
    case 'stop-ill':
      return { kind: step.kind, pid: step.record.pid, why: step.why }
    case 'start':
      return { kind: step.kind, port: step.port ?? step.preferredPort, host: step.host }
  }
}
