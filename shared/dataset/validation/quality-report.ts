import type { SqlParser } from '../../platform/sql-parser.ts'
import { HARDNESS_LEVELS, type Hardness, type Pair } from '../pair.ts'
import { type Coverage, measureCoverage } from './coverage.ts'
import type { Limit, Measure } from './quality-measures.ts'
import { readPairs } from './quality-reading.ts'
import { type QualityFigures, runMeasures, type TokenUse } from './quality-run.ts'
import { coverageMeasures, reasonsOf, valueMeasures, varietyMeasures } from './quality-targets.ts'

/** `quality_report.json`. */
export interface QualityReport {
  /** Pairs in the pairs file after validation. */
  readonly pairs: number
  /** Of these, how many ran on the source. */
  readonly executed: number
  /** Of these, how many gave a row that is not all null. */
  readonly non_empty: number
  readonly repaired: number
  readonly dropped: Readonly<Record<string, number>>
  readonly duplicates_removed: number
  /** Base tables; a partition counts as its parent. */
  readonly tables: Coverage
  readonly views: Coverage
  readonly columns: Coverage
  readonly foreign_keys: Coverage
  readonly features: Readonly<Record<string, number>>
  readonly hardness: Readonly<Record<Hardness, number>>
  /** Different forms of statements, names and values aside. */
  readonly skeletons: number
  /** Share of the measured pairs that every mutant changes the result of; null when none was measured. */
  readonly sharp: number | null
  readonly sharp_measured: number
  /** Every target with how far this run came, what is missing and why. */
  readonly measures: readonly Measure[]
  /** What bounded or weakened the run: samples, caps, fallbacks. */
  readonly limits: readonly Limit[]
  readonly tokens: TokenUse
}

const NO_TOKENS: TokenUse = { ddl_generation: null, qa_generation: null, sql_validation: 0 }

/** Measures a run against every target. The same pairs, data and figures give the same report. */
export async function buildQualityReport(parser: SqlParser, figures: QualityFigures): Promise<QualityReport> {
  const { pairs, catalog, facts = new Map(), literals = [], unmatchedKeys = new Set() } = figures
  const readings = figures.readings ?? (await readPairs(parser, catalog, pairs))
  const statements = pairs.map((pair) => pair.sql)
  const reasons = new Map([...reasonsOf(catalog, facts, unmatchedKeys), ...(figures.reasons ?? [])])
  const coverage = await measureCoverage(parser, catalog, statements, reasons)
  const basis = { catalog, readings, coverage, facts, literals, unmatchedKeys }
  const { sharp, measured } = figures.sharpness
  return {
    pairs: pairs.length,
    executed: figures.executed,
    non_empty: figures.nonEmpty,
    repaired: pairs.filter((pair) => pair.status === 'repaired').length,
    dropped: sortedCounts(figures.dropped),
    duplicates_removed: figures.duplicatesRemoved,
    tables: coverage.tables,
    views: coverage.views,
    columns: coverage.columns,
    foreign_keys: coverage.foreignKeys,
    features: countsOf(pairs.flatMap((pair) => pair.features)),
    hardness: hardnessOf(pairs),
    skeletons: new Set(readings.map(({ skeleton }) => skeleton)).size,
    sharp: measured === 0 ? null : Math.round((sharp / measured) * 10_000) / 10_000,
    sharp_measured: measured,
    measures: [
      ...coverageMeasures(basis),
      ...valueMeasures(basis),
      ...varietyMeasures(basis),
      ...runMeasures(figures),
    ].toSorted((one, other) => one.target - other.target),
    limits: figures.limits ?? [],
    tokens: figures.tokens ?? NO_TOKENS,
  }
}

/** How often each name occurs, by name. */
export function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return sortedCounts(counts)
}

function sortedCounts(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function hardnessOf(pairs: readonly Pair[]): Record<Hardness, number> {
  const count = (level: Hardness) => pairs.filter((pair) => pair.hardness === level).length
  return Object.fromEntries(HARDNESS_LEVELS.map((level) => [level, count(level)])) as Record<Hardness, number>
}
