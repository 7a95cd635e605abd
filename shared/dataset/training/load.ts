import type { Embedder } from '../../platform/embedder.ts'
import { Problem } from '../../platform/problems.ts'
import type { Store } from '../../platform/store.ts'
import type { TrainingItem } from './items.ts'
import { type ExistingItem, existingItems } from './loaded-store.ts'
import { deleteItems, insertItems, itemsOfOtherModels, replaceVectors } from './store.ts'

export interface LoadScope {
  /** Tables that this load is about, as people name them: their DDL and documents are among the items. */
  readonly tables: readonly string[]
  /** Every table that the source has now. */
  readonly sourceTables: readonly string[]
}

export interface LoadPlan {
  readonly insert: readonly TrainingItem[]
  readonly unchanged: number
  /** Items of the same source that a changed or vanished table made wrong. */
  readonly staleIds: readonly string[]
}

export interface LoadRequest {
  readonly source: string
  readonly taskId: string
  readonly items: readonly TrainingItem[]
  readonly scope: LoadScope
  readonly at: Date
  readonly signal?: AbortSignal
}

export interface LoadAnswer {
  readonly inserted: number
  readonly unchanged: number
  readonly removed: number
  /** Items, of any source, that another model had embedded before. */
  readonly reembedded: number
}

/** Texts embedded and written together: about a second of the local model, some 500 KB of JSON. */
export const LOAD_BATCH_MAX = 50

/**
 * What a load has to do, decided by ids alone. A table whose DDL is new has changed: its old DDL goes, and so does every
 * pair that reads it and was not validated again. Where only its document is new, its rows have changed: then those of
 * its pairs go that the generator wrote and would not write again. Other pairs of earlier tasks stay.
 */
export function planLoad(
  items: readonly TrainingItem[],
  existing: readonly ExistingItem[],
  scope: LoadScope,
): LoadPlan {
  const wanted = new Map(items.map((item) => [item.id, item]))
  const present = new Set(existing.map((item) => item.id))
  const insert = [...wanted.values()].filter((item) => !present.has(item.id))
  const loaded = new Set(scope.tables)
  const living = new Set(scope.sourceTables)
  const tablesOf = (kind: TrainingItem['kind']) =>
    new Set(insert.filter((item) => item.kind === kind).flatMap((item) => item.tables))
  const [changed, described] = [tablesOf('ddl'), tablesOf('documentation')]
  const generated = new Set(items.flatMap(({ origin, language }) => (origin === 'generator' ? [language] : [])))
  const isWrittenAgain = ({ origin, language, tables }: ExistingItem) =>
    origin === 'generator' && language !== null && generated.has(language) && tables.every((table) => loaded.has(table))
  const isStale = (item: ExistingItem) => {
    if (wanted.has(item.id)) return false
    if (item.tables.some((table) => !living.has(table))) return true
    if (item.kind !== 'sql') return item.tables.some((table) => loaded.has(table))
    if (item.tables.some((table) => changed.has(table))) return true
    return isWrittenAgain(item) && item.tables.some((table) => described.has(table))
  }
  return { insert, unchanged: wanted.size - insert.length, staleIds: existing.filter(isStale).map((item) => item.id) }
}

/**
 * Brings the training store up to date for one source. Doing it twice inserts, updates and embeds nothing the second
 * time. When the embedding model has changed, everything in the store is embedded again, since vectors of two models
 * can't be compared.
 * @throws {Problem} `embedding_failed`
 */
export async function loadItems(store: Store, embedder: Embedder, request: LoadRequest): Promise<LoadAnswer> {
  const plan = planLoad(request.items, await existingItems(store, request.source), request.scope)
  let inserted = 0
  for (let start = 0; start < plan.insert.length; start += LOAD_BATCH_MAX) {
    inserted += await loadBatch(store, embedder, request, plan.insert.slice(start, start + LOAD_BATCH_MAX))
  }
  const removed = await removeStale(store, plan)
  const reembedded = await reembedItems(store, embedder, request)
  return { inserted, unchanged: plan.unchanged, removed, reembedded }
}

/** Embeds and writes one batch of a plan, at most `LOAD_BATCH_MAX` items. A repeat writes nothing. @returns how many were new */
export async function loadBatch(
  store: Store,
  embedder: Embedder,
  { taskId, at, signal }: Pick<LoadRequest, 'taskId' | 'at' | 'signal'>,
  items: readonly TrainingItem[],
): Promise<number> {
  if (items.length === 0) return 0
  const vectors = await embedded(
    embedder,
    items.map((item) => item.embeddedText),
    signal,
  )
  const rows = items.map((item, index) => ({ item, vector: vectors[index] ?? [] }))
  const ids = await store.transaction((tx) => insertItems(tx, rows, { taskId, model: embedder.model, at }))
  return ids.length
}

/** Removes what the plan found stale. @returns how many were there */
export async function removeStale(store: Store, { staleIds }: Pick<LoadPlan, 'staleIds'>): Promise<number> {
  return staleIds.length === 0 ? 0 : (await deleteItems(store, staleIds)).length
}

/** Embeds again what another model had embedded. Stops between batches when the signal aborts; the rest is for the next load. */
export async function reembedItems(
  store: Store,
  embedder: Embedder,
  { at, signal }: Pick<LoadRequest, 'at' | 'signal'>,
): Promise<number> {
  let count = 0
  while (true) {
    const batch = await itemsOfOtherModels(store, embedder.model, LOAD_BATCH_MAX)
    if (batch.length === 0) return count
    const vectors = await embedded(
      embedder,
      batch.map((item) => item.embeddedText),
      signal,
    )
    const rows = batch.map(({ id }, index) => ({ id, vector: vectors[index] ?? [] }))
    await store.transaction((tx) => replaceVectors(tx, rows, { model: embedder.model, at }))
    count += batch.length
  }
}

async function embedded(embedder: Embedder, texts: readonly string[], signal?: AbortSignal): Promise<number[][]> {
  signal?.throwIfAborted()
  const vectors = await embedder.embed(texts, signal)
  if (vectors.length !== texts.length || vectors.some((vector) => vector.length !== embedder.dimension)) {
    throw new Problem(
      'embedding_failed',
      `${embedder.model} did not give ${texts.length} vectors of ${embedder.dimension} numbers`,
    )
  }
  return vectors
}
