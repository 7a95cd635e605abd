import type { Catalog } from '../catalog/catalog.ts'
import { type Pair, pairId } from '../pair.ts'
import type { CoverageReasons } from './coverage.ts'
import type { Looked, RelationFacts } from './quality-data.ts'
import type { ComparedLiteral } from './quality-literals.ts'
import { countOf, type Limit, type Measure, type Missing, shareOf, unmeasured } from './quality-measures.ts'
import type { PairReading } from './quality-reading.ts'

/** Tokens of the language model, by step; null where the step did not tell. */
export type TokenUse = Readonly<Record<'ddl_generation' | 'qa_generation' | 'sql_validation', number | null>>

/** What a validation has found out; whatever is absent is told as not measured. */
export interface QualityFigures {
  readonly catalog: Catalog
  /** What the pairs file holds after validation, all of it valid or repaired. */
  readonly pairs: readonly Pair[]
  /** The same as `readPairs` reads them, where the caller has done so. */
  readonly readings?: readonly PairReading[]
  readonly executed: number
  readonly nonEmpty: number
  /** How many were dropped, by reason: a failure class, `empty`, `all_null`, `duplicate`. */
  readonly dropped: Readonly<Record<string, number>>
  readonly duplicatesRemoved: number
  readonly sharpness: {
    readonly sharp: number
    readonly measured: number
    readonly undistinguished?: readonly {
      readonly id: string
      readonly mutants: readonly { readonly kind: string }[]
    }[]
  }
  readonly reasons?: CoverageReasons
  /** What the data was found to hold, by display name. */
  readonly facts?: ReadonlyMap<string, RelationFacts>
  readonly literals?: readonly Looked<ComparedLiteral>[]
  readonly unmatchedKeys?: ReadonlySet<string>
  /** What the files of the relations leave out; null where they were not read. */
  readonly documentFaults?: readonly Missing[] | null
  /** Statements that were refused, with the reason. */
  readonly refusals?: readonly Missing[]
  readonly tokens?: TokenUse
  readonly limits?: readonly Limit[]
}

// Not the statement's fault that a rule or a model could mend, or no fault of the statement at all.
const NOT_REPAIRABLE: ReadonlySet<string> = new Set([
  'refused',
  'timeout',
  'too_expensive',
  'permission',
  'empty',
  'all_null',
  'duplicate',
])

/** Targets 1, 2, 9 and 11 to 18: how the run itself went. Where another step knows better, the measure says which. */
export function runMeasures(figures: QualityFigures): readonly Measure[] {
  const { pairs, executed, nonEmpty, dropped, sharpness, refusals = [] } = figures
  const unrepaired = Object.entries(dropped).filter(([reason]) => !NOT_REPAIRABLE.has(reason))
  const repaired = pairs.filter(({ status }) => status === 'repaired').length
  const broken = unrepaired.reduce((sum, [, count]) => sum + count, repaired)
  return [
    shareOf({ target: 1, name: 'pairs_executed' }, pairs.length, unnamed(pairs.length - executed, 'not_executed'), 1),
    shareOf({ target: 2, name: 'pairs_non_empty' }, pairs.length, unnamed(pairs.length - nonEmpty, 'empty'), 0.99),
    shareOf({ target: 9, name: 'sharp_pairs' }, sharpness.measured, blunt(sharpness), 0.9),
    ...documentMeasures(figures),
    shareOf(
      { target: 13, name: 'repaired' },
      broken,
      unrepaired.flatMap(([reason, count]) => unnamed(count, reason)),
      0.5,
    ),
    unmeasured({ target: 14, name: 'second_load', why: 'told_by_training_load_log' }, 'no insert, no update'),
    unmeasured({ target: 15, name: 'retrieval', why: 'measured_after_the_load' }, 'own question first'),
    unmeasured({ target: 16, name: 'speed', why: 'told_by_validation_report_and_bench_dataset' }, '<= 5 ms a table'),
    unmeasured(
      { target: 17, name: 'pairs_digest', why: 'equal_for_equal_seed_and_data' },
      'byte-identical pairs',
      pairId(pairs.map(({ id }) => id).join('\n'), ''),
    ),
    countOf({ target: 18, name: 'statements_refused', why: 'kept_out_of_the_pairs' }, refusals.length, null, refusals),
  ]
}

function documentMeasures({ catalog, documentFaults = null }: QualityFigures): readonly Measure[] {
  if (documentFaults === null) {
    return [
      unmeasured({ target: 11, name: 'ddl_files', why: 'files_not_read' }, '100 %'),
      unmeasured({ target: 12, name: 'documents', why: 'files_not_read' }, '100 %'),
    ]
  }
  const ddl = documentFaults.filter(({ reason }) => reason === 'no_ddl_file')
  const faulty = new Map(
    documentFaults.filter(({ reason }) => reason !== 'no_ddl_file').map((fault) => [fault.name, fault] as const),
  )
  const parts = catalog.relations.reduce((sum, relation) => sum + 1 + relation.columns.length, 0)
  return [
    shareOf({ target: 11, name: 'ddl_files', why: 'replayed_in_tests_only' }, catalog.relations.length, ddl, 1),
    shareOf({ target: 12, name: 'documents' }, parts, [...faulty.values()], 1),
  ]
}

function blunt({ measured, sharp, undistinguished }: QualityFigures['sharpness']): readonly Missing[] {
  if (undistinguished === undefined) return unnamed(measured - sharp, 'same_result')
  return undistinguished.map(({ id, mutants }) => ({
    name: id,
    reason: `same_result: ${[...new Set(mutants.map(({ kind }) => kind))].join(', ')}`,
  }))
}

function unnamed(count: number, reason: string): Missing[] {
  return Array.from({ length: Math.max(0, count) }, () => ({ name: '', reason }))
}
