import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { HARDNESS_LEVELS, type Hardness, type Pair } from '../pair.ts'
import { type Coverage, type CoverageReasons, measureCoverage } from './coverage.ts'
import { skeletonOf } from './skeleton.ts'

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
}

export interface QualityFigures {
  readonly catalog: Catalog
  /** What the pairs file holds after validation, all of it valid or repaired. */
  readonly pairs: readonly Pair[]
  readonly executed: number
  readonly nonEmpty: number
  /** How many were dropped, by reason: a failure class, `empty`, `all_null`, `duplicate`. */
  readonly dropped: Readonly<Record<string, number>>
  readonly duplicatesRemoved: number
  readonly sharpness: { readonly sharp: number; readonly measured: number }
  readonly reasons?: CoverageReasons
}

export async function buildQualityReport(parser: SqlParser, figures: QualityFigures): Promise<QualityReport> {
  const { pairs } = figures
  const statements = pairs.map((pair) => pair.sql)
  const coverage = await measureCoverage(parser, figures.catalog, statements, figures.reasons)
  const skeletons = new Set<string>()
  for (const sql of statements) skeletons.add(skeletonOf(await parser.parse(sql)))
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
    skeletons: skeletons.size,
    sharp: measured === 0 ? null : Math.round((sharp / measured) * 10_000) / 10_000,
    sharp_measured: measured,
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
