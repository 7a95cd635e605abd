import type { ReadLimits, Source } from '../../platform/source.ts'
import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Pair } from '../pair.ts'
import { type Failure, failureOf } from './failure.ts'
import { mayRecurseForever } from './recursion.ts'
import { acceptStatement } from './statement.ts'
import type { Tree } from './tree.ts'

export interface ValidationLimits extends ReadLimits {
  /** Of `volatileFunctions`: read once per source, not per pair. */
  readonly deniedFunctions?: ReadonlySet<string>
  /** Why a statement is not run: it reads what this run keeps away from. Null where it reads nothing of the kind. */
  readonly avoids?: (tree: Tree) => string | null
}

export type PairVerdict =
  | {
      readonly kind: 'valid'
      /** At most `rowsMax`; `truncated` when there were more. */
      readonly rows: number
      readonly truncated: boolean
      /** No row has a value other than null: as good as empty for training. */
      readonly allNull: boolean
    }
  | { readonly kind: 'empty' }
  | ({ readonly kind: 'broken' } & Failure)

/** Rows to prove a result with, not to show it. */
export const VALIDATION_LIMITS: ReadLimits = { rowsMax: 1000, bytesMax: 2_000_000, timeoutMs: 10_000 }

const COST_MAX = 1e10 // some hours on any machine
const ROWS_PLANNED_MAX = 1e8 // no question asks for as many

/**
 * Proves a pair: parses it, plans it, executes it within limits. Changes nothing.
 * @throws {Problem} when the source does not answer: that says nothing about the pair
 */
export async function validatePair(
  source: Source,
  parser: SqlParser,
  pair: Pick<Pair, 'sql'>,
  limits: ValidationLimits = VALIDATION_LIMITS,
): Promise<PairVerdict> {
  const accepted = await acceptStatement(parser, pair.sql, limits.deniedFunctions)
  if (accepted.kind === 'syntax_error') return broken('syntax', '42601', accepted.message)
  if (accepted.kind === 'refused') return broken('refused', '', accepted.message)
  const avoided = limits.avoids?.(accepted.tree) ?? null
  if (avoided !== null) return broken('refused', '', avoided)
  if (!source.stopsStatements && mayRecurseForever(accepted.tree)) {
    return broken('too_expensive', '', 'The recursion may never end, and this database can not stop a statement')
  }
  try {
    const answer = await source.read(pair.sql, { costMax: COST_MAX, rowsPlannedMax: ROWS_PLANNED_MAX, ...limits })
    if (answer.truncated && mayRecurseForever(accepted.tree)) {
      return broken('too_expensive', '', 'The recursion may never end')
    }
    if (answer.rows.length === 0) {
      // The first row alone may be larger than what is read.
      return answer.truncated ? broken('too_expensive', '', 'One row is larger than what is read') : { kind: 'empty' }
    }
    const allNull = answer.rows.every((row) => Object.values(row).every((value) => value === null))
    return { kind: 'valid', rows: answer.rows.length, truncated: answer.truncated, allNull }
  } catch (error) {
    const failure = failureOf(error)
    if (failure === null) throw error
    return { kind: 'broken', ...failure }
  }
}

function broken(failureClass: Failure['class'], sqlState: string, message: string): PairVerdict {
  return { kind: 'broken', class: failureClass, sqlState, message }
}
