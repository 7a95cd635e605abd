import { type Catalog, displayName } from '../catalog/catalog.ts'
import { HARDNESS_LEVELS } from '../pair.ts'
import { columnName, type DatasetCoverage, foreignKeyName } from './coverage.ts'
import { normalizedQuestion } from './duplicates.ts'
import type { Looked, RelationFacts } from './quality-data.ts'
import { ASKED_FEATURES, impossibleFeatures } from './quality-features.ts'
import { measureTwoHops } from './quality-joins.ts'
import { type ComparedLiteral, comparedLiterals } from './quality-literals.ts'
import { countOf, type Measure, type Missing, shareBetween, shareOf, withReasons } from './quality-measures.ts'
import { questionFaults } from './quality-questions.ts'
import type { PairReading } from './quality-reading.ts'

/** What the targets are measured on: the pairs as read, and what the data was found to hold. */
export interface QualityBasis {
  readonly catalog: Catalog
  readonly readings: readonly PairReading[]
  readonly coverage: DatasetCoverage
  readonly facts: ReadonlyMap<string, RelationFacts>
  /** Constants of the pairs, looked up in the data. */
  readonly literals: readonly Looked<ComparedLiteral>[]
  /** Keys without any pair of matching rows, by name. */
  readonly unmatchedKeys: ReadonlySet<string>
}

const COLUMN_USES = 3
const FEATURES_MISSED_MAX = 4 // 36 of 40
const SKELETONS_MIN = 75

// Reasons that take something out of what can be asked for: no pair with a row could name it.
const EXCUSES: ReadonlySet<string> = new Set([
  'empty_table',
  'all_null',
  'no_matching_rows',
  'never_refreshed',
  'unread',
])

/** Why parts of the database can't be reached, by display name: no rows, no values, no matching rows. */
export function reasonsOf(
  catalog: Catalog,
  facts: ReadonlyMap<string, RelationFacts>,
  unmatchedKeys: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>()
  for (const relation of catalog.relations) {
    const found = facts.get(displayName(relation))
    if (found === undefined) continue
    const empty = found.read && found.rows === 0 && relation.populated
    if (empty) reasons.set(displayName(relation), 'empty_table')
    if (!found.read) reasons.set(displayName(relation), 'unread')
    for (const { name } of relation.columns) {
      if (empty) reasons.set(columnName(relation, name), 'empty_table')
      else if (found.allNull.includes(name)) reasons.set(columnName(relation, name), 'all_null')
    }
  }
  for (const key of unmatchedKeys) reasons.set(key, 'no_matching_rows')
  return reasons
}

/** Targets 3 and 4: what of the schema the pairs reach. */
export function coverageMeasures(basis: QualityBasis): readonly Measure[] {
  const { catalog, coverage, readings, facts, unmatchedKeys } = basis
  const reasons = reasonsOf(catalog, facts, unmatchedKeys)
  const used = columnUses(readings)
  const tables = catalog.relations.filter(({ kind }) => kind !== 'view' && kind !== 'materialized_view')
  const columns = tables.flatMap((table) => table.columns.map((column) => columnName(table, column.name)))
  const possible = columns.filter((name) => !EXCUSES.has(reasons.get(name) ?? ''))
  const rare = possible.filter((name) => (used.get(name) ?? 0) < COLUMN_USES)
  const usable = catalog.foreignKeys.filter((key) => !unmatchedKeys.has(foreignKeyName(key)))
  const paths = measureTwoHops(readings, catalog, usable)
  const inferred = catalog.foreignKeys.filter(({ inferred }) => inferred === true)
  return [
    covered('tables', 3, coverage.tables, 1),
    covered('views', 3, coverage.views, 0.95),
    covered('columns', 3, coverage.columns, 1),
    shareOf(
      { target: 3, name: 'columns_in_three_pairs' },
      possible.length,
      rare.map((name) => ({ name, reason: `in_${used.get(name) ?? 0}_pairs` })),
      0.9,
    ),
    covered('foreign_keys', 4, coverage.foreignKeys, 1),
    shareOf({ target: 4, name: 'two_hop_joins' }, paths.total, withReasons(paths.missing), 0.3),
    countOf(
      { target: 4, name: 'inferred_keys', why: 'precision_needs_the_truth' },
      inferred.length,
      null,
      inferred.map((key) => ({ name: foreignKeyName(key), reason: 'inferred' })),
    ),
  ]
}

/** Target 5: constants that exist in the data, and values that some pair asks for. */
export function valueMeasures({ catalog, facts, literals, readings }: QualityBasis): readonly Measure[] {
  const looked = literals.filter(({ item, found }) => item.inWhere && found !== null)
  const absent = looked.filter(({ found }) => found === false).map(({ item }) => literalName(item))
  const unanswered = literals.filter(({ item, found }) => item.inWhere && found === null).length
  const asked = new Set(
    readings
      .flatMap((reading) => comparedLiterals(reading))
      .map(({ relation, column, text }) => valueName(columnName(relation, column.name), text)),
  )
  const values = catalog.relations
    .filter(({ kind }) => kind !== 'view' && kind !== 'materialized_view')
    .flatMap((relation) =>
      Object.entries(facts.get(displayName(relation))?.listed ?? {}).flatMap(([column, listed]) =>
        listed.map((value) => valueName(columnName(relation, column), value)),
      ),
    )
  const unused = values.filter((value) => !asked.has(value))
  return [
    shareOf(
      { target: 5, name: 'literals_in_data', ...(unanswered === 0 ? {} : { why: `not_looked_up: ${unanswered}` }) },
      looked.length,
      absent.map((name) => ({ name, reason: 'not_in_data' })),
      1,
    ),
    shareOf({ target: 5, name: 'low_cardinality_values' }, values.length, withReasons(unused), 0.9),
  ]
}

/** Targets 6 to 8 and 10: the variety of the statements, and how the questions are worded. */
export function varietyMeasures({ catalog, facts, readings }: QualityBasis): readonly Measure[] {
  const seen = new Set(readings.flatMap(({ pair }) => pair.features))
  const impossible = impossibleFeatures(catalog, facts)
  const missing: Missing[] = ASKED_FEATURES.filter((feature) => !seen.has(feature)).map((feature) => ({
    name: feature,
    reason: impossible.get(feature) ?? 'not_used',
  }))
  const absent = missing.filter(({ reason }) => reason === 'not_used').length
  const present = ASKED_FEATURES.length - missing.length
  const possible = present + absent
  const faulty = readings.flatMap((reading) =>
    questionFaults(reading).map((reason) => ({ name: `${reading.pair.id}: ${reading.pair.question}`, reason })),
  )
  const faults = new Map(faulty.map((fault) => [fault.name, fault]))
  return [
    {
      ...countOf({ target: 6, name: 'features', why: `possible_here: ${possible}` }, present, 36, missing),
      met: possible === 0 ? null : absent <= FEATURES_MISSED_MAX,
    },
    ...HARDNESS_LEVELS.map((level) =>
      shareBetween(
        { target: 7, name: `hardness_${level}` },
        readings.filter(({ pair }) => pair.hardness === level).length,
        readings.length,
        0.2,
        0.3,
      ),
    ),
    distinct('distinct_statements', readings, ({ fingerprint }) => fingerprint),
    distinct('distinct_questions', readings, ({ pair }) => normalizedQuestion(pair.question)),
    {
      ...countOf(
        { target: 8, name: 'skeletons' },
        new Set(readings.map(({ skeleton }) => skeleton)).size,
        SKELETONS_MIN,
      ),
      ...(readings.length === 0 ? { met: null, why: 'nothing_to_measure' } : {}),
    },
    shareOf(
      { target: 10, name: 'questions_plain', why: 'as_far_as_a_program_sees' },
      readings.length,
      [...faults.values()],
      1,
    ),
  ]
}

function covered(
  name: string,
  target: number,
  { covered: reached, missing }: DatasetCoverage['tables'],
  least: number,
): Measure {
  const real = missing.filter(({ reason }) => !EXCUSES.has(reason))
  const excused = missing.filter(({ reason }) => EXCUSES.has(reason))
  const measure = shareOf({ target, name }, reached + real.length, real, least)
  if (excused.length === 0) return measure
  const counts = new Map<string, number>()
  for (const { reason } of excused) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return { ...measure, why: `excluded: ${[...counts].map(([reason, count]) => `${reason} ${count}`).join(', ')}` }
}

/** In how many pairs each column is named, by name. */
function columnUses(readings: readonly PairReading[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>()
  for (const { names } of readings) {
    const named = new Set(
      names.columns.flatMap(({ base }) => base.map(({ relation, column }) => columnName(relation, column.name))),
    )
    for (const name of named) uses.set(name, (uses.get(name) ?? 0) + 1)
  }
  return uses
}

function distinct(name: string, readings: readonly PairReading[], keyOf: (reading: PairReading) => string): Measure {
  const first = new Map<string, string>()
  const repeats: Missing[] = []
  for (const reading of readings) {
    const key = keyOf(reading)
    const original = first.get(key)
    if (original === undefined) first.set(key, reading.pair.id)
    else repeats.push({ name: reading.pair.id, reason: `repeats ${original}` })
  }
  return shareOf({ target: 8, name }, readings.length, repeats, 1)
}

function literalName({ relation, column, operator, text }: ComparedLiteral): string {
  return `${columnName(relation, column.name)} ${operator} ${shortened(text)}`
}

function valueName(column: string, value: string): string {
  return `${column} = ${shortened(value)}`
}

function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`
}
