import type { ReadLimits, Source } from '../../platform/source.ts'
import { type Catalog, type Column, displayName, type ForeignKey, type Relation } from '../catalog/catalog.ts'
import { profileTable } from '../catalog/profile-table.ts'
import { quoteIdentifier, quoteRelation } from '../catalog/quote.ts'
import { failureOf } from './failure.ts'
import type { ComparedLiteral } from './quality-literals.ts'

/** What the measures need to know of a relation's data; small enough for a checkpoint. */
export interface RelationFacts {
  readonly name: string
  readonly rows: number
  /** False where the database did not let it be read in time. */
  readonly read: boolean
  /** Why not, in the database's words. */
  readonly unread?: string
  /** Whether rows and values are those of a sample. */
  readonly sampled: boolean
  /** Columns without any value. */
  readonly allNull: readonly string[]
  /** Values of the columns whose few values a person keeps in mind, by column. */
  readonly listed: Readonly<Record<string, readonly string[]>>
}

const VALUES_MAX = 60
const ROWS_A_VALUE_MIN = 2 // with fewer a column rather names its rows than groups them

/** @param avoided why this run keeps away from it: it is not asked */
export async function factsOf(
  source: Source,
  catalog: Catalog,
  relation: Relation,
  avoided?: string,
): Promise<RelationFacts> {
  const profile = await profileTable(source, relation, avoided)
  const profiled = Object.entries(profile.columns)
  const allNull = profiled
    .filter(([, { nullShare, distinct }]) => nullShare === 1 && distinct === 0)
    .map(([name]) => name)
  const listed: Record<string, readonly string[]> = {}
  for (const column of relation.columns) {
    const found = profile.columns[column.name]
    if (found === undefined || !found.valuesComplete || found.distinct === 0 || found.distinct > VALUES_MAX) continue
    const filled = profile.rows * (1 - found.nullShare)
    const named = column.enumLabels !== null || column.category === 'B'
    if (!named && (!isListable(catalog, relation, column) || found.distinct * ROWS_A_VALUE_MIN > filled)) continue
    // Nobody asks for an empty text by name.
    listed[column.name] = found.values.map(({ value }) => value).filter((value) => value.trim() !== '')
  }
  const read = profiled.length > 0 || relation.columns.length === 0 || !relation.populated
  const unread = profile.unread === undefined ? {} : { unread: profile.unread }
  const sampled = read && !profile.rowsExact
  return { name: displayName(relation), rows: profile.rows, read, ...unread, sampled, allNull, listed }
}

function isListable(catalog: Catalog, relation: Relation, column: Column): boolean {
  if (column.category !== 'S' || column.isArray || relation.kind === 'view') return false
  const keys = [relation.primaryKey, ...relation.uniques].flatMap((key) => (key === null ? [] : key.columns))
  const foreign = catalog.foreignKeys.filter(({ from }) => displayName(from) === displayName(relation))
  return !keys.includes(column.name) && !foreign.some((key) => key.fromColumns.includes(column.name))
}

/** One look-up in the data; `found` is null where the database did not answer it in time. */
export interface Looked<Item> {
  readonly item: Item
  readonly found: boolean | null
}

const LOOKUPS_PER_STATEMENT = 40
const LIMITS: ReadLimits = { rowsMax: 1, bytesMax: 100_000, timeoutMs: 5_000 }

/** Whether some row satisfies each comparison: a few statements for all of them. */
export async function lookUpLiterals(
  source: Source,
  literals: readonly ComparedLiteral[],
): Promise<readonly Looked<ComparedLiteral>[]> {
  return await lookUpAll(source, literals, ({ relation, column, operator, text }) => {
    const value = `'${text.replaceAll("'", "''")}'`
    return `select 1 from ${quoteRelation(relation)} where ${quoteIdentifier(column.name)} ${operator} ${value}`
  })
}

/** Whether any row of the one table finds its row in the other. */
export async function lookUpKeys(source: Source, keys: readonly ForeignKey[]): Promise<readonly Looked<ForeignKey>[]> {
  return await lookUpAll(source, keys, (key) => {
    const equal = key.fromColumns.map(
      (column, index) => `a.${quoteIdentifier(column)} = b.${quoteIdentifier(key.toColumns[index] ?? '')}`,
    )
    return `select 1 from ${quoteRelation(key.from)} a join ${quoteRelation(key.to)} b on ${equal.join(' and ')}`
  })
}

async function lookUpAll<Item>(
  source: Source,
  items: readonly Item[],
  sqlOf: (item: Item) => string,
): Promise<readonly Looked<Item>[]> {
  const looked: Looked<Item>[] = []
  for (let start = 0; start < items.length; start += LOOKUPS_PER_STATEMENT) {
    const some = items.slice(start, start + LOOKUPS_PER_STATEMENT)
    const answers = await answersOf(source, some.map(sqlOf))
    for (const [index, item] of some.entries()) looked.push({ item, found: answers[index] ?? null })
  }
  return looked
}

async function answersOf(source: Source, statements: readonly string[]): Promise<readonly (boolean | null)[]> {
  const parts = statements.map((sql, index) => `exists (${sql}) as c${index}`)
  try {
    const { rows } = await source.read(`select ${parts.join(', ')}`, LIMITS)
    return statements.map((_, index) => {
      const answer = rows[0]?.[`c${index}`]
      return answer === true || answer === 't' || answer === 'true'
    })
  } catch (error) {
    if (failureOf(error) === null) throw error
    if (statements.length <= 1) return [null]
    // One that can't be answered must not take the others with it.
    const answers: (boolean | null)[] = []
    for (const sql of statements) answers.push((await answersOf(source, [sql]))[0] ?? null)
    return answers
  }
}
