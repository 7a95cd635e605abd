/** Why a statement is broken, in the words of the report. */
export const FAILURE_CLASSES = [
  'syntax',
  'unknown_table',
  'unknown_column',
  'unknown_function',
  'ambiguous',
  'type_mismatch',
  'missing_group_by',
  'permission',
  'timeout',
  'too_expensive',
  'refused',
  'other',
] as const

export type FailureClass = (typeof FAILURE_CLASSES)[number]

export interface Failure {
  readonly class: FailureClass
  /** Five characters of the database; empty where Helix itself refused. */
  readonly sqlState: string
  readonly message: string
}

// By SQLSTATE, then by its first two characters (appendix A of the Postgres manual).
const CLASS_BY_STATE: Readonly<Record<string, FailureClass>> = {
  '42P01': 'unknown_table',
  '3F000': 'unknown_table',
  '42P10': 'unknown_column',
  '42703': 'unknown_column',
  '42702': 'ambiguous',
  '42P09': 'ambiguous',
  '42712': 'ambiguous', // two tables of the same name in one FROM
  '42883': 'type_mismatch',
  '42725': 'type_mismatch',
  '42804': 'type_mismatch',
  '42846': 'type_mismatch',
  '42809': 'type_mismatch',
  '42P18': 'type_mismatch',
  '42803': 'missing_group_by',
  '42501': 'permission',
  '57014': 'timeout',
  '55P03': 'timeout', // a lock that another session held
  '25006': 'refused', // read-only transaction
  '25001': 'refused', // an attempt to leave it
  '0A000': 'refused',
  '42601': 'syntax',
  '21000': 'other', // a scalar subquery gave several rows
}
const CLASS_BY_PREFIX: Readonly<Record<string, FailureClass>> = {
  '22': 'type_mismatch',
  '42': 'syntax',
  '53': 'too_expensive',
  '54': 'too_expensive',
}
// Of class 22, these say something about the data, not about types.
const DATA_ERRORS: ReadonlySet<string> = new Set(['22012', '22003', '22004', '2201E', '2201F'])

/** The class of an error that the database gave for a statement; null when the error is not about the statement. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  const state = error.code
  if (!/^[0-9A-Z]{5}$/.test(state)) return null
  return { class: classOf(state, error.message), sqlState: state, message: error.message }
}

function classOf(state: string, message: string): FailureClass {
  if (DATA_ERRORS.has(state)) return 'other'
  // The same state for operators and functions; a server may speak any language, but always shows a call as `name(`.
  if (state === '42883' && /[\p{L}_"]\(/u.test(message)) return 'unknown_function'
  return CLASS_BY_STATE[state] ?? CLASS_BY_PREFIX[state.slice(0, 2)] ?? 'other'
}
