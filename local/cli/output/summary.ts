import type { Language } from '../../../shared/platform/problems.ts'
import type { PairAnswer, QualityAnswer } from '../answers.ts'
import type { RunReport } from '../run-report.ts'
import type { Style } from './style.ts'
import { renderFields } from './table.ts'
import { bytesText, shareText } from './units.ts'
import { printable, printableLines } from './width.ts'
import { statusWord } from './words.ts'

type Field = readonly [name: string, value: string]

/** What a run has produced, for a person: figures, three examples, and where the files are. */
export function renderSummary(report: RunReport, language: Language, style: Style): string[] {
  const { task, quality, examples } = report
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const paint = task.status === 'completed' ? style.good : task.status === 'failed' ? style.bad : style.warn
  const head: Field[] = [
    [say('任务', 'Task'), style.strong(task.task_id)],
    [say('状态', 'Status'), paint(statusWord(task.status)[language])],
    [say('数据库', 'Database'), printable(task.db_name)],
    [say('问答对', 'Pairs'), style.strong(String(quality?.pairs ?? report.pairs))],
  ]
  const lines = renderFields([
    ...head,
    ...(quality === null ? [] : qualityFields(quality, say)),
    ...fileFields(report, say),
  ])
  if (examples.length === 0) return lines
  return [...lines, '', style.strong(say('示例', 'Examples')), ...examples.flatMap((pair) => exampleLines(pair, style))]
}

function qualityFields(quality: QualityAnswer, say: (zh: string, en: string) => string): Field[] {
  const dropped = Object.entries(quality.dropped)
  const count = dropped.reduce((sum, [, number]) => sum + number, 0)
  const reasons = dropped.map(([reason, number]) => `${reason} ${number}`).join(', ')
  const levels = Object.entries(quality.hardness ?? {}).filter(([, number]) => number > 0)
  const share = ({ covered, total }: { covered: number; total: number }) => shareText(covered, total)
  return [
    [say('已执行通过', 'Executed'), share({ covered: quality.executed, total: quality.pairs })],
    [say('表覆盖', 'Tables covered'), share(quality.tables)],
    [say('字段覆盖', 'Columns covered'), share(quality.columns)],
    [say('外键覆盖', 'Foreign keys covered'), share(quality.foreign_keys)],
    [say('难度', 'Hardness'), levels.map(([level, number]) => `${level} ${number}`).join(', ')],
    [say('已修复', 'Repaired'), String(quality.repaired)],
    [say('已去除', 'Dropped'), count === 0 ? '0' : `${count} (${reasons})`],
  ]
}

function fileFields({ files, directory }: RunReport, say: (zh: string, en: string) => string): Field[] {
  const bytes = files.reduce((sum, file) => sum + file.file_size, 0)
  const counted = say(`${files.length} 个，共 ${bytesText(bytes)}`, `${files.length}, ${bytesText(bytes)}`)
  return [
    [say('文件', 'Files'), counted],
    [say('位置', 'Where'), directory],
  ]
}

function exampleLines({ question, sql, hardness }: PairAnswer, style: Style): string[] {
  const level = hardness === undefined ? '' : style.faint(` (${hardness})`)
  const statement = printableLines(sql).trimEnd().split('\n')
  return [`  ${style.accent('?')} ${printable(question)}${level}`, ...statement.map((line) => `    ${line}`)]
}
