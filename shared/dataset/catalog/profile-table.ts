import { Problem } from '../../platform/problems.ts'
import type { Source } from '../../platform/source.ts'
import type { Queryable } from '../../platform/store.ts'
import { UNSTOPPABLE_COST_MAX } from '../../platform/unstoppable-cost.ts'
import type { Column, Relation } from './catalog.ts'
import type { ColumnProfile, TableProfile } from './profile.ts'
import { countSql, profileMode, profileSql, sampleSource } from './profile-sql.ts'
import { quoteRelation } from './quote.ts'

/** How much is read of one relation. */
interface Effort {
  /** Beyond, the planner's estimate is good enough. */
  readonly countMax: number
  readonly sampleMax: number
}

// Counting takes well under a second; shares and frequent values are stable long before. Keeps a table to about a second.
const FULL: Effort = { countMax: 1_000_000, sampleMax: 100_000 }
const EMBEDDED: Effort = { countMax: 1_000_000, sampleMax: 20_000 } // several times slower, and works on our own thread
const LIGHT: Effort = { countMax: 20_000, sampleMax: 2_000 } // for tables of rows so wide that the full effort takes too long
const COLUMNS_PER_STATEMENT = 50 // a table may have 1,600; each becomes a part of one statement
const PROFILE_MS_MAX = 10_000 // what takes longer to be sampled is none to ask questions of, which have no more time
const CANCELLED = '57014'
const LONG_TEXT_LENGTH = 80 // on average longer than this, values are prose and not listed
const VALUES_MAX = 60

// Parallel workers would hand rows of an unordered sample over in any order.
const STEADY = `
  select set_config('search_path', 'public', true),
         set_config('max_parallel_workers_per_gather', '0', true)`

/**
 * Profiles one relation. The same data gives the same profile. A relation that the database refuses to read in time
 * (a broken or slow view, a foreign table whose server is away) gets a profile without columns rather than an error.
 * @param avoided why this run keeps away from it: it is not asked
 * @throws {Problem} `source_unreachable`
 */
export async function profileTable(source: Source, relation: Relation, avoided?: string): Promise<TableProfile> {
  if (!relation.populated) return { rows: 0, rowsExact: true, columns: {} }
  if (avoided !== undefined) return unreadProfile(relation, avoided)
  try {
    if (await isTooDear(source, relation)) return unreadProfile(relation, 'its planned cost is too high')
    return await sampled(source, relation)
  } catch (error) {
    if (error instanceof Problem || !isDatabaseError(error)) throw error
    return unreadProfile(relation, error.message, error.code === CANCELLED)
  }
}

/** A table's cost is that of its sample, a view's that of its query: only the one can be read with less effort. */
async function sampled(source: Source, relation: Relation): Promise<TableProfile> {
  const read = (effort: Effort) => source.readOnly((tx) => profileOn(tx, relation, effort), PROFILE_MS_MAX)
  if (!source.stopsStatements) return await read(EMBEDDED)
  try {
    return await read(FULL)
  } catch (error) {
    if (relation.kind === 'view' || !isDatabaseError(error) || error.code !== CANCELLED) throw error
    return await read(LIGHT)
  }
}

function unreadProfile(relation: Relation, unread: string, avoided = true): TableProfile {
  return { rows: Math.max(0, relation.rowsEstimated), rowsExact: false, columns: {}, unread, avoided }
}

/** Sampling bounds the cost of tables; a view costs whatever its query does. */
async function isTooDear(source: Source, relation: Relation): Promise<boolean> {
  if (source.stopsStatements || relation.kind !== 'view') return false
  const { cost } = await source.explain(`select * from ${quoteRelation(relation)}`, PROFILE_MS_MAX)
  return cost > UNSTOPPABLE_COST_MAX
}

async function profileOn(tx: Queryable, relation: Relation, { countMax, sampleMax }: Effort): Promise<TableProfile> {
  await tx.query(STEADY)
  const counted = (await tx.query<{ rows: number }>(countSql(relation), [countMax + 1])).rows[0]?.rows ?? 0
  const rowsExact = counted <= countMax
  const rows = rowsExact ? counted : Math.max(counted, Math.round(relation.rowsEstimated))
  // A little more than needed, since pages are picked and not rows; the limit cuts the rest.
  const from = sampleSource(relation, rows > sampleMax ? (sampleMax * 1.1) / rows : 1)
  const columns: Record<string, ColumnProfile> = {}
  for (let start = 0; start < relation.columns.length; start += COLUMNS_PER_STATEMENT) {
    const some = relation.columns.slice(start, start + COLUMNS_PER_STATEMENT)
    const found = (await tx.query<ProfileRow>(profileSql(from, some), [sampleMax])).rows
    for (const row of found) {
      const column = some[row.place]
      if (column !== undefined) columns[column.name] = columnProfileFrom(column, row, rows <= sampleMax)
    }
  }
  return { rows, rowsExact, columns }
}

interface ProfileRow {
  readonly place: number
  readonly rows: number
  readonly filled: number
  readonly different: number
  readonly min: string | null
  readonly max: string | null
  readonly length: number
  readonly words: readonly (readonly [string, number])[] | null
}

function columnProfileFrom(column: Column, row: ProfileRow, wholeTable: boolean): ColumnProfile {
  const listed = profileMode(column) !== 'opaque' && row.length <= LONG_TEXT_LENGTH
  const values = listed ? (row.words ?? []).map(([value, count]) => ({ value, count })) : []
  return {
    nullShare: row.rows === 0 ? 0 : (row.rows - row.filled) / row.rows,
    distinct: row.different,
    min: row.min,
    max: row.max,
    values,
    valuesComplete: wholeTable && listed && row.different <= VALUES_MAX && values.length === row.different,
    averageLength: row.length,
  }
}

/** A syntax error would be our own, so it is not one that a relation can cause. */
function isDatabaseError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return /^[0-9A-Z]{5}$/.test(error.code) && error.code !== '42601'
}
