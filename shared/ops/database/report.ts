import type { Platform } from '../../platform/platform.ts'
import type { Language, Severity } from '../../platform/problems.ts'
import { type DatabaseCheck, SKIP_WORDS, SUBJECTS_MAX, type Subject, type Text } from './check.ts'
import { DATABASE_CHECKS } from './checks/all.ts'
import { readServer, type Server } from './server.ts'

export const CHECK_STATUSES = ['ok', 'found', 'not_seen', 'not_applicable'] as const
export type CheckStatus = (typeof CHECK_STATUSES)[number]

/** What one check said. */
export interface CheckResult {
  readonly check: DatabaseCheck
  readonly status: CheckStatus
  /** The worst of what was found. */
  readonly severity: Severity
  readonly subjects: readonly Required<Subject>[]
  /** How many there were in all. */
  readonly found: number
  /** Why it says nothing, or what it could not see; null where it saw everything. */
  readonly reason: Text | null
}

export interface DatabaseReport {
  readonly server: Server
  readonly results: readonly CheckResult[]
}

const NOT_PERMITTED = '42501'
// A view, a function or a column that another version has: undefined table, function, column; feature not supported.
const NOT_KNOWN = new Set(['42P01', '42883', '42703', '0A000'])

const FOREIGN_HIDDEN: Text = {
  zh: '当前角色没有 pg_read_all_stats（pg_monitor）权限，看不到其他角色的会话',
  en: 'This role has not been granted pg_read_all_stats (pg_monitor): sessions of other roles were not seen',
}
const REFUSED: Text = {
  zh: '当前角色无权读取这些数据；授予 pg_monitor 后即可',
  en: 'This role may not read that; pg_monitor would let it',
}

/** Asks every check, one after the other: one that fails or may not look says so and leaves the others alone. */
export async function checkDatabase(
  { store }: Pick<Platform, 'store'>,
  checks: readonly DatabaseCheck[] = DATABASE_CHECKS,
): Promise<DatabaseReport> {
  const server = await readServer(store)
  const results: CheckResult[] = []
  for (const check of checks) {
    const skip = check.skip?.(server) ?? null
    if (skip !== null) results.push(silent(check, 'not_applicable', SKIP_WORDS[skip]))
    else results.push(await ask(check, server, store))
  }
  return { server, results }
}

/** In a language, for the API and the command line. */
export function wordsOf(text: Text | null, language: Language): string | null {
  return text === null ? null : text[language]
}

async function ask(check: DatabaseCheck, server: Server, store: Platform['store']): Promise<CheckResult> {
  const query = typeof check.query === 'string' ? check.query : check.query(server)
  try {
    const { rows } = await store.query(query)
    return judged(check, check.judge(rows, server), server)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === NOT_PERMITTED) return silent(check, 'not_seen', REFUSED)
    if (NOT_KNOWN.has(code)) return silent(check, 'not_applicable', SKIP_WORDS.version)
    throw error
  }
}

function judged(check: DatabaseCheck, subjects: readonly Subject[], server: Server): CheckResult {
  const complete = subjects.map((subject) => ({ ...subject, severity: subject.severity ?? check.severity }))
  // Sorted by name: P0 comes before P1 before P2.
  const severity = complete.map((subject) => subject.severity).toSorted()[0] ?? check.severity
  const partly = check.needsStatistics === true && !server.seesAll && server.hiddenSessions > 0
  return {
    check,
    status: complete.length > 0 ? 'found' : partly ? 'not_seen' : 'ok',
    severity,
    subjects: complete.slice(0, SUBJECTS_MAX),
    found: complete.length,
    reason: partly ? FOREIGN_HIDDEN : null,
  }
}

function silent(check: DatabaseCheck, status: 'not_seen' | 'not_applicable', reason: Text): CheckResult {
  return { check, status, severity: check.severity, subjects: [], found: 0, reason }
}
