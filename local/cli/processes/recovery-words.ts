import type { OwnProcess } from '../../supervisor/own-processes.ts'
import { COMPONENT_WORDS, STATUS_WORDS } from '../commands/health.ts'
import type { CliContext } from '../context.ts'
import type { Text } from '../language.ts'
import { renderFields } from '../output/table.ts'
import { printable } from '../output/width.ts'
import type { RecoveryReport, Stage, StageName } from './recovery-run.ts'
import type { StoreRepair } from './recovery-stages.ts'

const STAGE_WORDS: Readonly<Record<StageName, Text>> = {
  check: { zh: '检查', en: 'check' },
  clear: { zh: '清理', en: 'clear' },
  backup: { zh: '备份', en: 'backup' },
  stop: { zh: '停止', en: 'stop' },
  repair: { zh: '修复', en: 'repair' },
  start: { zh: '启动', en: 'start' },
  verify: { zh: '核对', en: 'verify' },
}

const OUTCOME_WORDS: Readonly<Record<Stage['outcome'], Text>> = {
  done: { zh: '完成', en: 'done' },
  planned: { zh: '待执行', en: 'planned' },
  not_needed: { zh: '不需要', en: 'not needed' },
  failed: { zh: '失败', en: 'failed' },
}

const ROLE_WORDS: Readonly<Record<OwnProcess['role'], Text>> = {
  runner: { zh: '运行器', en: 'runner' },
  supervisor: { zh: '监督进程', en: 'supervisor' },
  unrecorded: { zh: '未记录，正打开着内置数据库', en: 'unrecorded, has the embedded database open' },
}

const VERDICT_WORDS: Readonly<Record<string, Text>> = {
  ...STATUS_WORDS,
  unreachable: { zh: '没有响应', en: 'unreachable' },
}

/** Tells the stages in their order, each with what came of it. */
export function tellReport(report: RecoveryReport, { say, output }: CliContext): void {
  const details: Partial<Record<StageName, string>> = {}
  if (report.backup !== null) details.backup = report.backup
  if (report.repair !== null) details.repair = say(repairText(report.repair))
  if (report.health !== null) details.verify = say(verdictText(report))
  const fields = report.stages.map(({ name, outcome, reason }): [string, string] => {
    const more = details[name] ?? reason
    const word = say(OUTCOME_WORDS[outcome])
    return [say(STAGE_WORDS[name]), more === null ? word : say({ zh: `${word}：${more}`, en: `${word}: ${more}` })]
  })
  for (const line of renderFields(fields)) output.result(printable(line))
  const { dirty } = report.repair ?? {}
  if (dirty === undefined || dirty.total === 0) return
  const command = `helix cleanup ${dirty.tasks.join(' ')}`
  output.note(say({ zh: `脏数据未处理，预览清理：\`${command}\``, en: `See what a clean-up would do: \`${command}\`` }))
}

/** Tells who of Helix lives. */
export function tellProcesses(title: string, processes: readonly OwnProcess[], { say, output }: CliContext): void {
  const shown = processes.map(({ role, pid }) =>
    say({ zh: `${pid}（${ROLE_WORDS[role].zh}）`, en: `${pid} (${ROLE_WORDS[role].en})` }),
  )
  const none = say({ zh: '无', en: 'none' })
  output.result(say({ zh: `${title}：${shown.join('，') || none}`, en: `${title}: ${shown.join(', ') || none}` }))
}

function repairText({ migrated, zombies_fixed: fixed, dirty }: StoreRepair): Text {
  const types = Object.entries(dirty.counts).filter(([, count]) => count > 0)
  const zh = types.map(([type, count]) => `${type} 类 ${count}`).join('，')
  const en = types.map(([type, count]) => `${type} ${count}`).join(', ')
  return {
    zh: `执行 ${migrated.length} 个迁移，修复 ${fixed} 个僵尸，发现脏数据 ${dirty.total} 处${zh && `（${zh}）`}`,
    en: `${migrated.length} migrations run, ${fixed} zombies fixed, ${dirty.total} findings of dirty data${en && ` (${en})`}`,
  }
}

function verdictText({ health, components }: RecoveryReport): Text {
  const texts = Object.entries(components).map(([name, status]): Text => {
    const [component, word] = [COMPONENT_WORDS[name], STATUS_WORDS[status]]
    return {
      zh: `${component?.zh ?? name}${word?.zh ?? status}`,
      en: `${component?.en ?? name} ${word?.en ?? status}`,
    }
  })
  const all = { zh: texts.map(({ zh }) => zh).join('，'), en: texts.map(({ en }) => en).join(', ') }
  const overall = VERDICT_WORDS[health ?? 'unreachable'] ?? { zh: '–', en: '–' }
  return { zh: `${overall.zh}${all.zh && `（${all.zh}）`}`, en: `${overall.en}${all.en && ` (${all.en})`}` }
}
