import type { Language } from '../../platform/problems.ts'
import type { Pair } from '../pair.ts'
import type { QualityReport } from './quality-report.ts'

/** A pair that validation changed or took out. */
export interface Modification {
  readonly kind: 'repaired' | 'dropped'
  readonly pair: Pick<Pair, 'id' | 'question' | 'sql'>
  /** Failure class, `empty`, `all_null`, `duplicate`. */
  readonly reason: string
  /** The database's own words, or which pair it repeats. */
  readonly detail: string
  /** The new statement of a repaired pair. */
  readonly repairedSql?: string
  /** Rules or model that repaired it. */
  readonly how?: string
}

export interface ValidationRun {
  readonly taskId: string
  readonly database: string
  /** As people read times: `2025-06-27T14:30:52`. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly durationMs: number
  readonly pairsRead: number
  readonly pairsFile: string
  readonly report: QualityReport
  readonly modifications: readonly Modification[]
}

const WORDS = {
  zh: {
    title: 'SQL 验证汇总',
    task: '任务',
    database: '数据库',
    file: '问答文件',
    time: '时间',
    read: '读取问答对',
    kept: '保留',
    repaired: '修复',
    dropped: '移除',
    duplicates: '重复',
    rate: '有效率',
    coverage: '覆盖率',
    tables: '表',
    views: '视图',
    columns: '列',
    foreignKeys: '外键',
    hardness: '难度',
    sharp: '区分度',
    measured: '抽样',
    reasons: '移除原因',
    none: '无',
    was: '原 SQL',
    now: '新 SQL',
    reason: '原因',
    question: '问题',
    unchanged: '文件未修改',
  },
  en: {
    title: 'SQL validation summary',
    task: 'Task',
    database: 'Database',
    file: 'Pairs file',
    time: 'Time',
    read: 'Pairs read',
    kept: 'Kept',
    repaired: 'Repaired',
    dropped: 'Removed',
    duplicates: 'Duplicates',
    rate: 'Valid',
    coverage: 'Coverage',
    tables: 'tables',
    views: 'views',
    columns: 'columns',
    foreignKeys: 'foreign keys',
    hardness: 'Hardness',
    sharp: 'Sharp',
    measured: 'measured',
    reasons: 'Reasons for removal',
    none: 'none',
    was: 'old SQL',
    now: 'new SQL',
    reason: 'reason',
    question: 'question',
    unchanged: 'The file was not changed',
  },
} as const

/** `sql_validation_{task_id}_summary.log`. */
export function summaryText(run: ValidationRun, language: Language): string {
  const words = WORDS[language]
  const { report } = run
  const droppedCount = run.modifications.filter(({ kind }) => kind === 'dropped').length
  const reasons = Object.entries(report.dropped).map(([reason, count]) => `  ${reason}: ${count}`)
  const parts = [
    [words.tables, report.tables],
    [words.views, report.views],
    [words.columns, report.columns],
    [words.foreignKeys, report.foreign_keys],
  ] as const
  const sharp = report.sharp === null ? '-' : percent(report.sharp)
  return lines([
    `${words.title}`,
    `${words.task}: ${run.taskId}`,
    `${words.database}: ${run.database}`,
    `${words.file}: ${run.pairsFile}`,
    `${words.time}: ${run.startedAt} – ${run.finishedAt} (${(run.durationMs / 1000).toFixed(1)} s)`,
    '',
    `${words.read}: ${run.pairsRead}`,
    `${words.kept}: ${report.pairs}`,
    `${words.repaired}: ${report.repaired}`,
    `${words.dropped}: ${droppedCount}`,
    `${words.duplicates}: ${report.duplicates_removed}`,
    `${words.rate}: ${run.pairsRead === 0 ? '-' : percent(report.pairs / run.pairsRead)}`,
    '',
    `${words.reasons}:`,
    ...(reasons.length === 0 ? [`  ${words.none}`] : reasons),
    '',
    `${words.coverage}:`,
    ...parts.map(([name, { covered, total }]) => `  ${name}: ${covered}/${total}`),
    `${words.hardness}: ${Object.entries(report.hardness)
      .map(([level, count]) => `${level} ${count}`)
      .join(', ')}`,
    `${words.sharp}: ${sharp} (${words.measured} ${report.sharp_measured})`,
  ])
}

/** `sql_validation_{task_id}_report.json`: what happened to every pair that did not stay as it was. */
export function reportJson(run: ValidationRun): string {
  const { report, modifications, ...facts } = run
  const value = {
    task_id: facts.taskId,
    database: facts.database,
    pairs_file: facts.pairsFile,
    started_at: facts.startedAt,
    finished_at: facts.finishedAt,
    duration_ms: facts.durationMs,
    pairs_read: facts.pairsRead,
    pairs_kept: report.pairs,
    repaired: modifications.filter(({ kind }) => kind === 'repaired').map(modificationJson),
    dropped: modifications.filter(({ kind }) => kind === 'dropped').map(modificationJson),
    quality: report,
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

/** `file_modifications_{task_id}.log`: every change of the pairs file, so that a person can follow it. */
export function modificationsText(run: ValidationRun, language: Language): string {
  const words = WORDS[language]
  const head = [`${words.file}: ${run.pairsFile}`, `${words.time}: ${run.finishedAt}`, '']
  if (run.modifications.length === 0) return lines([...head, words.unchanged])
  const blocks = run.modifications.flatMap((change) => [
    `[${words[change.kind]}] ${change.pair.id}`,
    `  ${words.question}: ${change.pair.question}`,
    `  ${words.reason}: ${change.reason}${change.detail === '' ? '' : ` (${change.detail})`}`,
    `  ${words.was}: ${oneLine(change.pair.sql)}`,
    ...(change.repairedSql === undefined ? [] : [`  ${words.now}: ${oneLine(change.repairedSql)}`]),
    '',
  ])
  return lines([...head, ...blocks])
}

function modificationJson({ pair, reason, detail, repairedSql, how }: Modification): Record<string, unknown> {
  const changed = repairedSql === undefined ? {} : { repaired_sql: repairedSql, repaired_by: how ?? '' }
  return { id: pair.id, question: pair.question, sql: pair.sql, reason, detail, ...changed }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim()
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`
}
