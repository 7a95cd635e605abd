/** A question and the SQL that answers it: one item of training data. */
export interface Pair {
  /** Derived from question and SQL, so that the same pair always has the same id. */
  readonly id: string
  readonly question: string
  readonly sql: string
  /** Relations that the SQL reads, as people name them. */
  readonly tables: readonly string[]
  /** SQL features used: `count`, `group_by`, `left_join`, … */
  readonly features: readonly string[]
  readonly hardness: Hardness
  readonly language: 'zh' | 'en'
  readonly status?: PairStatus
  /** Rows that the SQL returned when it was validated. */
  readonly rows?: number
  /** Where it came from. */
  readonly origin?: 'generator' | 'llm' | 'person'
  /** A relation that it reads has no rows: it proves nothing, and goes to a file of its own. */
  readonly onEmptyTable?: boolean
}

/** Spider's levels (Yu et al. 2018, evaluation.py). */
export type Hardness = 'easy' | 'medium' | 'hard' | 'extra'

/** `generated` until validation; `repaired` pairs are valid ones whose SQL was changed. */
export type PairStatus = 'generated' | 'valid' | 'repaired' | 'invalid'

export const HARDNESS_LEVELS: readonly Hardness[] = ['easy', 'medium', 'hard', 'extra']

/** The same question and SQL give the same id, anywhere: 16 hex digits (FNV-1a, 64 bits). */
export function pairId(question: string, sql: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(`${question}\u0000${sql}`)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}
