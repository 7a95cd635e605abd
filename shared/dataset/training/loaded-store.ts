import type { Queryable } from '../../platform/store.ts'
import type { Pair } from '../pair.ts'
import type { StoredItem } from './store.ts'

export interface ExistingItem extends Pick<StoredItem, 'id' | 'kind' | 'tables' | 'embeddingModel'> {
  /** Of a pair: who wrote it, and in which language; null where that was not noted when it was loaded. */
  readonly origin: Pair['origin'] | null
  readonly language: Pair['language'] | null
}

const EXISTING_ITEMS = `
  select item.id, item.kind, item.tables, item.embedding_model as "embeddingModel",
         embedding.cmetadata ->> 'origin' as origin, embedding.cmetadata ->> 'language' as language
    from training_items as item
    join langchain_pg_embedding as embedding on embedding.id = item.id
   where item.source = $1
   order by item.id`

const LOADED_DOCUMENTS = `
  select embedding.document, item.tables,
         embedding.cmetadata ->> 'origin' as origin, embedding.cmetadata ->> 'language' as language
    from training_items as item
    join langchain_pg_embedding as embedding on embedding.id = item.id
   where item.source = $1
     and item.kind = 'sql'
   order by item.id`

const LOADED_IDS = `
  select id
    from training_items
   where id = any($1)`

/** What is loaded of a source, without the documents. */
export async function existingItems(store: Queryable, source: string): Promise<ExistingItem[]> {
  return (await store.query<ExistingItem>(EXISTING_ITEMS, [source])).rows
}

export interface LoadedDocument extends Pick<ExistingItem, 'tables' | 'origin' | 'language'> {
  /** The JSON text of question and SQL. */
  readonly document: string
}

/** The pairs of a source that are loaded. */
export async function loadedDocuments(store: Queryable, source: string): Promise<LoadedDocument[]> {
  return (await store.query<LoadedDocument>(LOADED_DOCUMENTS, [source])).rows
}

/** Those of the ids that are loaded. */
export async function loadedIds(store: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await store.query<{ id: string }>(LOADED_IDS, [ids])).rows.map(({ id }) => id))
}
