import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Pair, pairId } from '../pair.ts'
import { featuresOf } from './features.ts'
import { hardnessOf } from './hardness.ts'
import { usageOf } from './usage.ts'

/** A pair with what the choice among many needs to know. JSON all through. */
export interface Candidate extends Pair {
  /** `table.column` of every column that the SQL names. */
  readonly columns: readonly string[]
  /** `foreignKeyId` of every key that the SQL joins. */
  readonly foreignKeys: readonly string[]
  /** `valueId` of every constant that it compares a column with for equality; of the generator's, those of short lists. */
  readonly values?: readonly string[]
  /** Equal for statements that differ in literals only. */
  readonly fingerprint: string
  /** The kind of question; `llm` for those of a model. */
  readonly shape: string
  readonly topic: string
}

export interface Unclassified {
  readonly question: string
  readonly sql: string
  readonly language: Pair['language']
  readonly origin: 'generator' | 'llm' | 'person'
  readonly shape: string
  readonly topic: string
  readonly onEmptyTable?: boolean
}

/** Reads off the parse tree what a pair uses and how hard it is. @throws {SqlSyntaxError} */
export async function classifyPair(sqlParser: SqlParser, catalog: Catalog, pair: Unclassified): Promise<Candidate> {
  const tree = await sqlParser.parse(pair.sql)
  const usage = usageOf(tree, catalog)
  return {
    id: pairId(pair.question, pair.sql),
    question: pair.question,
    sql: pair.sql,
    tables: usage.tables,
    features: featuresOf(tree),
    hardness: hardnessOf(tree),
    language: pair.language,
    status: 'generated',
    origin: pair.origin,
    ...(pair.onEmptyTable === true ? { onEmptyTable: true } : {}),
    columns: usage.columns,
    foreignKeys: usage.foreignKeys,
    values: usage.values,
    fingerprint: await sqlParser.fingerprint(pair.sql),
    shape: pair.shape,
    topic: pair.topic,
  }
}
