import type { Language, Severity } from '../../platform/problems.ts'
import type { Server } from './server.ts'

/** A sentence for people, in both languages. */
export type Text = Readonly<Record<Language, string>>

/** One thing that a check found: a table, an index, a session … */
export interface Subject {
  readonly name: string
  /** Figures with their units: `1,200 of 2,000 rows`. */
  readonly detail: string
  /** Worse than the check's own severity, where this one is. */
  readonly severity?: Severity
}

/**
 * One question to the server about its health: what it means when something is found, and what to do then. Each is an
 * entry in a file of `checks/`; the report, the command line, the alerts and the nightly care read the same list.
 */
export interface DatabaseCheck {
  /** Snake case; also the name of its alert. */
  readonly name: string
  readonly severity: Severity
  /** What is so when something is found, in plain words. */
  readonly meaning: Text
  readonly nextStep: Text
  /** Why it says nothing of a server; null where it does. */
  readonly skip?: (server: Server) => Skip | null
  /** Reads sessions or figures of other roles: without the right to, it sees only those of its own. */
  readonly needsStatistics?: boolean
  /** One statement that reads, bounded by itself. */
  readonly query: string | ((server: Server) => string)
  /** Pure, so that it is tested with rows. */
  readonly judge: (rows: readonly Row[], server: Server) => readonly Subject[]
}

// biome-ignore lint/suspicious/noExplicitAny: each check names the columns of its own statement
export type Row = any

export type Skip = 'embedded' | 'version' | 'standby' | 'extension_missing' | 'no_history'

/** Why a check says nothing, in plain words. */
export const SKIP_WORDS: Readonly<Record<Skip, Text>> = {
  embedded: {
    zh: '内嵌数据库只有一个连接，没有这一项',
    en: 'The embedded database has one connection and nothing of the kind',
  },
  version: { zh: '此版本的 PostgreSQL 不提供这些数据', en: 'This version of PostgreSQL does not tell' },
  standby: { zh: '备库不适用', en: 'It does not apply to a standby' },
  extension_missing: { zh: '未安装所需的扩展', en: 'The extension that it reads is not installed' },
  no_history: { zh: '还没有可以比较的历史数据', en: 'There is nothing yet to compare with' },
}

/** Most subjects that a report names for one check; it counts the others. */
export const SUBJECTS_MAX = 20

/** For checks of what an embedded database does not have. */
export const onServerOnly = ({ embedded }: Server): Skip | null => (embedded ? 'embedded' : null)

/** `12,345`, the same in both languages. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `42 %` of a share between 0 and 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}

/** `1.4 GB`, in steps of 1,024 as Postgres counts. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [left, unit] = [value, 0]
  for (; left >= 1024 && unit < units.length - 1; unit++) left /= 1024
  return `${left.toFixed(unit === 0 || left >= 100 ? 0 : 1)} ${units[unit]}`
}

/** `90 s`, `12 min`, `3.5 h`, `9 d`. */
export function span(seconds: number): string {
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${Math.round(seconds / 86_400)} d`
}
