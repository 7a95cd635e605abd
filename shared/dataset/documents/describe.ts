import * as z from 'zod'
import type { Llm } from '../../platform/llm.ts'
import { type Catalog, displayName, type Relation } from '../catalog/catalog.ts'
import type { TableProfile } from '../catalog/profile.ts'
import { columnMeaning, valuesText } from './column-meaning.ts'
import { renderDdl } from './ddl.ts'

const DDL_LENGTH_MAX = 12_000 // characters; a table of thousands of partitions would fill the model's window
const MEANING_LENGTH_MAX = 500

/** What a language model says about a relation. */
export interface Meanings {
  readonly purpose: string
  /** By column name; columns it said nothing useful about are missing. */
  readonly columns: Readonly<Record<string, string>>
}

const Answer = z.object({
  purpose: z.string().min(1).max(2_000),
  columns: z.array(z.object({ name: z.string(), meaning: z.string().max(MEANING_LENGTH_MAX) })),
})

const SYSTEM = {
  zh: '你是一名熟悉业务的数据库工程师。请用通顺的中文说明一张表的用途和每个字段的业务含义，不要编造表结构和样例中看不出来的内容。',
  en: 'You are a database engineer who knows the business. Say in plain English what a table is for and what each column means. Do not make up what neither the structure nor the samples show.',
} as const

/**
 * Asks a language model what a relation and its columns are for; one call.
 * @throws {Problem} `llm_failed`
 */
export async function describeRelation(
  llm: Llm,
  catalog: Catalog,
  relation: Relation,
  profile: TableProfile,
  businessContext: string,
  language: 'zh' | 'en',
  signal?: AbortSignal,
): Promise<Meanings> {
  const facts = relation.columns.map((column) => {
    const values = valuesText(column, profile.columns[column.name], language)
    return `- ${column.name} (${column.type}): ${columnMeaning(catalog, relation, column, language)} [${values}]`
  })
  const prompt = [
    `Business context: ${businessContext}`,
    `Relation: ${displayName(relation)} (${profile.rows} rows)`,
    `DDL:\n${renderDdl(catalog, relation).slice(0, DDL_LENGTH_MAX)}`,
    `Columns and what is known about them:\n${facts.join('\n')}`,
    `Answer in ${language === 'zh' ? 'Chinese' : 'English'}: the purpose in one to three sentences, and one sentence for each column by its exact name.`,
  ].join('\n\n')
  const request = { system: SYSTEM[language], prompt, schema: Answer, schemaName: 'table_description' }
  const { value } = await llm.complete(signal === undefined ? request : { ...request, signal })
  const known = new Set(relation.columns.map((column) => column.name))
  const said = value.columns.filter((column) => known.has(column.name) && column.meaning.trim() !== '')
  return {
    purpose: value.purpose,
    columns: Object.fromEntries(said.map(({ name, meaning }) => [name, meaning.trim()])),
  }
}
