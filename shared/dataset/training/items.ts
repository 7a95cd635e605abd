import type { Pair } from '../pair.ts'
import { searchWords, splitIdentifiers } from './search-words.ts'

export const TRAINING_KINDS = ['sql', 'ddl', 'documentation'] as const

/** Also the name of the collection, as Vanna knows it. */
export type TrainingKind = (typeof TRAINING_KINDS)[number]

/** Something to be learned, before it is embedded. */
export interface TrainingItem {
  /** From kind, source and content: the same item always has the same id. */
  readonly id: string
  readonly kind: TrainingKind
  readonly source: string
  /** Tables that it depends on, as people name them. */
  readonly tables: readonly string[]
  /** What Vanna reads. */
  readonly document: string
  readonly contentHash: string
  /** What the vector is made of: a pair's question alone, so that a question finds it. */
  readonly embeddedText: string
  /** Words to search by: names first, then columns or the statement, then the rest. */
  readonly searchTexts: readonly [string, string, string]
  /** Of a pair: who wrote it, and in which language. */
  readonly origin?: Pair['origin']
  readonly language?: Pair['language']
}

const ID_SUFFIXES: Readonly<Record<TrainingKind, string>> = { sql: '-sql', ddl: '-ddl', documentation: '-doc' }
const EMBEDDED_CHARACTERS_MAX = 2000
const SEARCH_WORDS_MAX = 2000 // a tsvector holds 1 MB; a table of 1,600 columns still fits

const DDL_WORDS = new Set(
  `create table view as select from where join on and or not null default primary key foreign references unique check
  constraint index using btree comment is column generated always by identity stored partition of for values to type
  enum domain int integer smallint bigint serial bigserial numeric decimal real double precision varchar character
  varying char text date time timestamp timestamptz with without zone boolean bool json jsonb uuid bytea tsvector
  alter add only cascade delete update set nextval regclass now public false true`.split(/\s+/),
)

type LearntPair = Pick<Pair, 'question' | 'sql' | 'tables'> & Partial<Pick<Pair, 'origin' | 'language'>>

export async function pairItem(source: string, pair: LearntPair): Promise<TrainingItem> {
  const { question, sql, tables, origin, language } = pair
  const identifiers = searchWords(sql).filter((word) => !DDL_WORDS.has(word))
  const words = [searchWords(question), tables.flatMap(searchWords), identifiers] as const
  const item = await trainingItem('sql', source, tables, JSON.stringify({ question, sql }), question, words)
  return { ...item, ...(origin === undefined ? {} : { origin }), ...(language === undefined ? {} : { language }) }
}

export async function ddlItem(source: string, table: string, ddl: string): Promise<TrainingItem> {
  const words = searchWords(ddl).filter((word) => !DDL_WORDS.has(word))
  return await trainingItem('ddl', source, [table], ddl, readable(table, ddl), [searchWords(table), words, []])
}

export async function documentationItem(source: string, table: string, text: string): Promise<TrainingItem> {
  return await trainingItem('documentation', source, [table], text, readable(table, text), [
    searchWords(table),
    [],
    searchWords(text),
  ])
}

async function trainingItem(
  kind: TrainingKind,
  source: string,
  tables: readonly string[],
  document: string,
  embeddedText: string,
  words: readonly [readonly string[], readonly string[], readonly string[]],
): Promise<TrainingItem> {
  const contentHash = await sha256(document)
  const [first, second, third] = words.map((list) => [...new Set(list)].slice(0, SEARCH_WORDS_MAX).join(' '))
  return {
    id: await idOf(kind, source, contentHash),
    kind,
    source,
    tables,
    document,
    contentHash,
    embeddedText,
    searchTexts: [first ?? '', second ?? '', third ?? ''],
  }
}

/** The id that `ddlItem` gives a table's DDL. */
export async function ddlItemId(source: string, ddl: string): Promise<string> {
  return await idOf('ddl', source, await sha256(ddl))
}

async function idOf(kind: TrainingKind, source: string, contentHash: string): Promise<string> {
  const key = await sha256(JSON.stringify([kind, source, contentHash]))
  return `${key.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')}${ID_SUFFIXES[kind]}`
}

/** A text as a sentence model can read it: identifiers as words, no marks and no SQL. */
function readable(table: string, text: string): string {
  const words = splitIdentifiers(`${table}. ${text}`).match(/[\p{L}\p{N}]+/gu) ?? []
  const telling = [...new Set(words.filter((word) => !DDL_WORDS.has(word.toLowerCase())))]
  return telling.join(' ').slice(0, EMBEDDED_CHARACTERS_MAX)
}

async function sha256(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
