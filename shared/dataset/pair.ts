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
  // In two halves of 32 bits: hundreds of thousands of them are computed, and big integers are slow.
  let [high, low] = [0xcbf29ce4, 0x84222325]
  for (const byte of new TextEncoder().encode(`${question}\u0000${sql}`)) {
    low = (low ^ byte) >>> 0
    const product = low * 0x1b3 // the prime is 2^40 + 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0
    low = product >>> 0
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('')
}
