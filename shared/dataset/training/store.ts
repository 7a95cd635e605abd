import type { Queryable } from '../../platform/store.ts'
import type { TrainingItem, TrainingKind } from './items.ts'

/** How the store keeps vectors: with pgvector, or as plain arrays that are compared exactly. */
export type VectorKind = 'vector' | 'real[]'

export interface EmbeddedItem {
  readonly item: TrainingItem
  readonly vector: readonly number[]
}

export interface StoredItem {
  readonly id: string
  readonly kind: TrainingKind
  readonly source: string
  readonly taskId: string
  readonly tables: readonly string[]
  readonly document: string
  readonly embeddingModel: string
  readonly updatedAt: Date
}

export interface RankedItem {
  readonly id: string
  readonly kind: TrainingKind
  readonly source: string | null
  readonly taskId: string | null
  readonly tables: readonly string[]
  readonly document: string
  /** Cosine similarity, or the rank of the full-text search. */
  readonly measure: number
}

const VECTOR_KIND = `
  select format_type(atttypid, null) as type
    from pg_catalog.pg_attribute
   where attrelid = 'langchain_pg_embedding'::regclass and attname = 'embedding'`

// A JSON array becomes a vector or a real[], whichever type the column has. A repeat meets its own id and does nothing.
const INSERT_EMBEDDINGS = `
  insert into langchain_pg_embedding (id, collection_id, embedding, document, cmetadata)
  select row.id, collection.uuid, row.embedding, row.document, row.cmetadata - 'collection'
    from json_populate_recordset(null::langchain_pg_embedding, $1::json) as row
    join langchain_pg_collection as collection on collection.name = row.cmetadata ->> 'collection'
      on conflict (id) do nothing`

const INSERT_ITEMS = `
  insert into training_items
         (id, kind, source, task_id, tables, embedded_text, embedding_model, search, content_hash, updated_at)
  select row.id, row.kind, row.source, $2, row.tables, row.embedded_text, $3,
         setweight(to_tsvector('english', row.search_a), 'A')
         || setweight(to_tsvector('english', row.search_b), 'B')
         || setweight(to_tsvector('english', row.search_c), 'C'),
         row.content_hash, $4
    from json_to_recordset($1::json) as row
         (id varchar, kind varchar, source varchar, tables text[], embedded_text text, search_a text, search_b text, search_c text, content_hash varchar)
      on conflict (id) do nothing
  returning id`

// Items follow by the foreign key.
const DELETE_ITEMS = `
  delete from langchain_pg_embedding
   where id = any($1)
  returning id`

const ITEMS_OF_OTHER_MODELS = `
  select id, embedded_text as "embeddedText"
    from training_items
   where embedding_model <> $1
   order by id
   limit $2`

const REPLACE_VECTORS = `
  update langchain_pg_embedding as embedding
     set embedding = row.embedding
    from json_populate_recordset(null::langchain_pg_embedding, $1::json) as row
   where embedding.id = row.id`

const MARK_MODEL = `
  update training_items
     set embedding_model = $2, updated_at = $3
   where id = any($1)`

// Vanna's own rows have no item beside them; they are compared where their vectors have the right length.
const NEAREST_BY_VECTOR = `
  select embedding.id, collection.name as kind, item.source, item.task_id as "taskId",
         coalesce(item.tables, '{}') as tables, embedding.document,
         1 - (embedding.embedding <=> $1::vector) as measure
    from langchain_pg_embedding as embedding
    join langchain_pg_collection as collection on collection.uuid = embedding.collection_id
    left join training_items as item on item.id = embedding.id
   where collection.name = $2
     and ($3::text is null or item.source = $3)
     and vector_dims(embedding.embedding) = $4
     and coalesce(item.embedding_model, $5) = $5
   order by embedding.embedding <=> $1::vector, embedding.id
   limit $6`

// Vectors have unit length, so the dot product is the cosine.
const NEAREST_BY_ARRAY = `
  select embedding.id, collection.name as kind, item.source, item.task_id as "taskId",
         coalesce(item.tables, '{}') as tables, embedding.document, near.measure
    from langchain_pg_embedding as embedding
    join langchain_pg_collection as collection on collection.uuid = embedding.collection_id
    left join training_items as item on item.id = embedding.id
   cross join lateral (
         select sum(pair.one * pair.other)::float8 as measure
           from unnest(embedding.embedding, $1::real[]) as pair (one, other)) as near
   where collection.name = $2
     and ($3::text is null or item.source = $3)
     and array_length(embedding.embedding, 1) = $4
     and coalesce(item.embedding_model, $5) = $5
   order by near.measure desc, embedding.id
   limit $6`

// Relies on idx_training_items_search. Rank is divided by the logarithm of the item's length (1).
const NEAREST_BY_WORDS = `
  select item.id, item.kind, item.source, item.task_id as "taskId", item.tables, embedding.document,
         ts_rank('{0.1, 0.3, 0.6, 1.0}', item.search, query.words, 1)::float8 as measure
    from training_items as item
    join langchain_pg_embedding as embedding on embedding.id = item.id,
         to_tsquery('english', $1) as query (words)
   where item.search @@ query.words
     and item.kind = $2
     and ($3::text is null or item.source = $3)
   order by measure desc, item.id
   limit $4`

const ITEMS_OF_TABLES = `
  select item.id, item.kind, item.source, item.task_id as "taskId", item.tables, embedding.document,
         0::float8 as measure
    from training_items as item
    join langchain_pg_embedding as embedding on embedding.id = item.id
   where item.kind = $1
     and item.tables && $2::text[]
     and ($3::text is null or item.source = $3)
   order by item.id
   limit $4`

const COUNTS = `
  select kind, source, count(*)::int as items, max(updated_at) as "updatedAt"
    from training_items
   group by kind, source
   order by kind, source`

const LIST_ITEMS = `
  select item.id, item.kind, item.source, item.task_id as "taskId", item.tables, embedding.document,
         item.embedding_model as "embeddingModel", item.updated_at as "updatedAt"
    from training_items as item
    join langchain_pg_embedding as embedding on embedding.id = item.id
   where ($1::text is null or item.kind = $1)
     and ($2::text is null or item.source = $2)
     and ($3::text is null or $3 = any(item.tables))
     and ($4::text is null or item.id > $4)
   order by item.id
   limit $5`

/** What kind of column the migration could make on this server. */
export async function vectorKind(store: Queryable): Promise<VectorKind> {
  const { rows } = await store.query<{ type: string }>(VECTOR_KIND)
  return rows[0]?.type === 'real[]' ? 'real[]' : 'vector'
}

/** @returns ids that were new */
export async function insertItems(
  tx: Queryable,
  embedded: readonly EmbeddedItem[],
  { taskId, model, at }: { taskId: string; model: string; at: Date },
): Promise<string[]> {
  const vectors = embedded.map(({ item, vector }) => ({
    id: item.id,
    embedding: short(vector),
    document: item.document,
    cmetadata: {
      id: item.id,
      source: item.source,
      task_id: taskId,
      tables: item.tables,
      origin: item.origin,
      language: item.language,
      collection: item.kind,
    },
  }))
  await tx.query(INSERT_EMBEDDINGS, [JSON.stringify(vectors)])
  const rows = embedded.map(({ item }) => ({
    id: item.id,
    kind: item.kind,
    source: item.source,
    tables: item.tables,
    embedded_text: item.embeddedText,
    search_a: item.searchTexts[0],
    search_b: item.searchTexts[1],
    search_c: item.searchTexts[2],
    content_hash: item.contentHash,
  }))
  return (await tx.query<{ id: string }>(INSERT_ITEMS, [JSON.stringify(rows), taskId, model, at])).rows.map(
    ({ id }) => id,
  )
}

/** @returns ids that were there */
export async function deleteItems(store: Queryable, ids: readonly string[]): Promise<string[]> {
  return (await store.query<{ id: string }>(DELETE_ITEMS, [ids])).rows.map(({ id }) => id)
}

export async function itemsOfOtherModels(
  store: Queryable,
  model: string,
  limit: number,
): Promise<{ id: string; embeddedText: string }[]> {
  return (await store.query<{ id: string; embeddedText: string }>(ITEMS_OF_OTHER_MODELS, [model, limit])).rows
}

export async function replaceVectors(
  tx: Queryable,
  vectors: readonly { readonly id: string; readonly vector: readonly number[] }[],
  { model, at }: { model: string; at: Date },
): Promise<void> {
  const rows = vectors.map(({ id, vector }) => ({ id, embedding: short(vector) }))
  await tx.query(REPLACE_VECTORS, [JSON.stringify(rows)])
  await tx.query(MARK_MODEL, [vectors.map(({ id }) => id), model, at])
}

export interface SearchScope {
  readonly kind: TrainingKind
  readonly source: string | null
  readonly limit: number
}

export async function nearestByVector(
  store: Queryable,
  kind: VectorKind,
  vector: readonly number[],
  model: string,
  scope: SearchScope,
): Promise<RankedItem[]> {
  const text = short(vector).join(',')
  const [statement, literal] = kind === 'vector' ? [NEAREST_BY_VECTOR, `[${text}]`] : [NEAREST_BY_ARRAY, `{${text}}`]
  const values = [literal, scope.kind, scope.source, vector.length, model, scope.limit]
  return (await store.query<RankedItem>(statement, values)).rows
}

/** @param words of `searchWords`: any of them may match */
export async function nearestByWords(
  store: Queryable,
  words: readonly string[],
  scope: SearchScope,
): Promise<RankedItem[]> {
  if (words.length === 0) return []
  const query = [...new Set(words)].join(' | ')
  return (await store.query<RankedItem>(NEAREST_BY_WORDS, [query, scope.kind, scope.source, scope.limit])).rows
}

/** Items that depend on any of the tables, in no telling order. */
export async function itemsOfTables(
  store: Queryable,
  tables: readonly string[],
  scope: SearchScope,
): Promise<RankedItem[]> {
  if (tables.length === 0) return []
  return (await store.query<RankedItem>(ITEMS_OF_TABLES, [scope.kind, tables, scope.source, scope.limit])).rows
}

export interface ItemCount {
  readonly kind: TrainingKind
  readonly source: string
  readonly items: number
  readonly updatedAt: Date
}

export async function countItems(store: Queryable): Promise<ItemCount[]> {
  return (await store.query<ItemCount>(COUNTS)).rows
}

export interface ItemFilter {
  readonly kind?: TrainingKind
  readonly source?: string
  /** As people name it. */
  readonly table?: string
}

export async function selectItems(
  store: Queryable,
  filter: ItemFilter,
  after: string | null,
  limit: number,
): Promise<StoredItem[]> {
  const values = [filter.kind ?? null, filter.source ?? null, filter.table ?? null, after, limit]
  return (await store.query<StoredItem>(LIST_ITEMS, values)).rows
}

/** What a four-byte float holds. */
function short(vector: readonly number[]): number[] {
  return vector.map((value) => Number(value.toPrecision(8)))
}
