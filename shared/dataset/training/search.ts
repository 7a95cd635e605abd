import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import type { Embedder } from '../../platform/embedder.ts'
import { Problem } from '../../platform/problems.ts'
import type { Store } from '../../platform/store.ts'
import { TRAINING_KINDS, type TrainingKind } from './items.ts'
import { searchWords } from './search-words.ts'
import {
  countItems,
  deleteItems,
  type ItemCount,
  type ItemFilter,
  nearestByVector,
  nearestByWords,
  type RankedItem,
  type StoredItem,
  selectItems,
  type VectorKind,
  vectorKind,
} from './store.ts'

export interface TrainingHit extends Omit<RankedItem, 'measure'> {
  /** Higher is better; comparable within one kind of one answer only. */
  readonly score: number
  /** Cosine similarity with the question; null when only words matched. */
  readonly similarity: number | null
}

export interface TrainingQuery {
  readonly question: string
  /** Hits of each kind. Default 10. */
  readonly limit?: number
  readonly kinds?: readonly TrainingKind[]
  readonly source?: string
}

export type TrainingAnswer = Readonly<Record<TrainingKind, readonly TrainingHit[]>>

const LIMIT = 10 // what Vanna takes
const DEPTH_FACTOR = 5 // how much deeper each ranking is read than hits are wanted
const RANK_DAMPING = 60 // of reciprocal rank fusion (Cormack et al. 2009)
const SAME_TEXT = 0.9999 // the question itself, as far as four-byte floats tell

/**
 * Finds what helps to answer a question, by vector and by words, fused by reciprocal rank. A pair with the very same
 * question comes first.
 * @throws {Problem} `embedding_failed`
 */
export async function searchTraining(store: Store, embedder: Embedder, query: TrainingQuery): Promise<TrainingAnswer> {
  const { question, limit = LIMIT, kinds = TRAINING_KINDS, source = null } = query
  const [vector = []] = await embedder.embed([question])
  const words = searchWords(question)
  const column = await vectorKind(store)
  const answer: Record<TrainingKind, readonly TrainingHit[]> = { sql: [], ddl: [], documentation: [] }
  for (const kind of kinds) {
    const scope = { kind, source, limit: limit * DEPTH_FACTOR }
    const near = await nearestByVector(store, column, vector, embedder.model, scope)
    answer[kind] = fuseRanks(near, await nearestByWords(store, words, scope)).slice(0, limit)
  }
  return answer
}

/** Joins two rankings into one. Equal scores keep the order of the vectors. */
export function fuseRanks(byVector: readonly RankedItem[], byWords: readonly RankedItem[]): TrainingHit[] {
  const hits = new Map<string, TrainingHit>()
  for (const [rank, { measure, ...item }] of byVector.entries()) {
    const same = measure >= SAME_TEXT ? 1 : 0
    hits.set(item.id, { ...item, score: same + 1 / (RANK_DAMPING + rank + 1), similarity: measure })
  }
  for (const [rank, { measure: _, ...item }] of byWords.entries()) {
    const hit = hits.get(item.id) ?? { ...item, score: 0, similarity: null }
    hits.set(item.id, { ...hit, score: hit.score + 1 / (RANK_DAMPING + rank + 1) })
  }
  return [...hits.values()].toSorted((one, other) => other.score - one.score)
}

export interface TrainingStats {
  readonly vectors: VectorKind
  readonly total: number
  readonly counts: readonly ItemCount[]
}

/** What the training store holds, by kind and source. */
export async function trainingStats(store: Store): Promise<TrainingStats> {
  const counts = await countItems(store)
  return { vectors: await vectorKind(store), total: counts.reduce((sum, { items }) => sum + items, 0), counts }
}

export interface ItemPage {
  readonly items: readonly StoredItem[]
  readonly cursor: string | null
}

/** Items in the order of their ids. @throws {Problem} `invalid_request` for a foreign cursor */
export async function listItems(
  store: Store,
  filter: ItemFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<ItemPage> {
  const after = cursor === undefined ? null : String(decodeCursor(cursor, 1)[0])
  const rows = await selectItems(store, filter, after, limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: rows.length > limit && last !== undefined ? encodeCursor([last.id]) : null }
}

/** @throws {Problem} `training_item_not_found` */
export async function deleteItem(store: Store, id: string): Promise<void> {
  const [deleted] = await deleteItems(store, [id])
  if (deleted === undefined) throw new Problem('training_item_not_found', `Cannot find training item "${id}"`)
}
