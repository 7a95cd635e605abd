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
  itemsOfTables,
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
const RELATED_MAX = 200 // DDL of all tables that ten pairs can name
const SAME_TEXT = 0.9999 // the question itself, as far as four-byte floats tell

/**
 * Finds what helps to answer a question: by vector, by words, and for DDL and documents also by the tables of the
 * pairs that were found, which speak the language of the question where the tables do not. The rankings are fused by
 * reciprocal rank. A pair with the very same question comes first.
 * @throws {Problem} `embedding_failed`
 */
export async function searchTraining(store: Store, embedder: Embedder, query: TrainingQuery): Promise<TrainingAnswer> {
  const { question, limit = LIMIT, kinds = TRAINING_KINDS, source = null } = query
  const [vector = []] = await embedder.embed([question])
  const words = searchWords(question)
  const column = await vectorKind(store)
  const scopeOf = (kind: TrainingKind) => ({ kind, source, limit: limit * DEPTH_FACTOR })
  const rankings = async (kind: TrainingKind) => [
    await nearestByVector(store, column, vector, embedder.model, scopeOf(kind)),
    await nearestByWords(store, words, scopeOf(kind)),
  ]
  const pairs = fuseRanks(await rankings('sql')).slice(0, limit)
  const places = tablePlaces(pairs)
  const answer: Record<TrainingKind, readonly TrainingHit[]> = { sql: [], ddl: [], documentation: [] }
  for (const kind of kinds) {
    if (kind === 'sql') {
      answer.sql = pairs
      continue
    }
    const tables = [...new Set(pairs.flatMap((pair) => pair.tables))]
    const related = await itemsOfTables(store, tables, { kind, source, limit: RELATED_MAX })
    const ordered = related.toSorted((one, other) => bestPlace(one, places) - bestPlace(other, places))
    const reached = ordered.filter((item) => isAmong(item, places))
    // Twice: a pair that resembles the question tells more about tables than their own names do.
    const own = await rankings(kind)
    // Thrice: where hundreds of tables resemble each other, the one whose whole name is said is meant.
    const named = namedIn(question, [...own.flat(), ...reached])
    const fused = fuseRanks([...own, reached, reached, named, named, named])
    // What a pair with the very same question reads is known, not guessed.
    const known = tablePlaces(pairs.filter(({ similarity }) => similarity !== null && similarity >= SAME_TEXT))
    const [first, others] = [
      fused.filter((item) => isAmong(item, known)),
      fused.filter((item) => !isAmong(item, known)),
    ]
    answer[kind] = [...first, ...others].slice(0, limit)
  }
  return answer
}

/**
 * Items of tables whose every word the question says, each once: first those whose words stand together, the longest names
 * first and no name within a longer one, then those whose words stand apart.
 */
export function namedIn<Item extends Pick<RankedItem, 'id' | 'tables'>>(
  question: string,
  items: readonly Item[],
): Item[] {
  const words = searchWords(question).map(singular)
  const names = new Map(items.map((item) => [item.id, { item, name: nameSaid(item, new Set(words)) }]))
  const said = [...names.values()].filter(({ name }) => name.length > 0)
  const longest = said.toSorted((one, other) => other.name.length - one.name.length)
  const together = new Set<string>()
  let text = ` ${words.join(' ')} `
  for (const phrase of longest.map(({ name }) => ` ${name.join(' ')} `)) {
    if (!text.includes(phrase)) continue
    together.add(phrase)
    text = text.replaceAll(phrase, ' | ')
  }
  const [near, far] = [[] as Item[], [] as Item[]]
  for (const { item, name } of longest) (together.has(` ${name.join(' ')} `) ? near : far).push(item)
  return [...near, ...far]
}

/** The words of the longest of the item's table names that is said; none where none is. */
function nameSaid({ tables }: Pick<RankedItem, 'tables'>, said: ReadonlySet<string>): readonly string[] {
  const names = tables.map((table) => searchWords(table.slice(table.indexOf('.') + 1)).map(singular))
  const whole = names.filter((name) => name.every((word) => said.has(word)))
  return whole.toSorted((one, other) => other.length - one.length)[0] ?? []
}

function singular(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(?<=[sxz]|ch|sh)es$/, '')
    .replace(/(?<!s)s$/, '')
}

/** Joins rankings into one; only the first of them measures similarity. Equal scores keep its order. */
export function fuseRanks(rankings: readonly (readonly RankedItem[])[]): TrainingHit[] {
  const hits = new Map<string, TrainingHit>()
  for (const [number, ranking] of rankings.entries()) {
    for (const [rank, { measure, ...item }] of ranking.entries()) {
      const similarity = number === 0 ? measure : null
      const hit = hits.get(item.id) ?? { ...item, score: 0, similarity }
      const same = similarity !== null && similarity >= SAME_TEXT ? 1 : 0
      hits.set(item.id, { ...hit, score: hit.score + same + 1 / (RANK_DAMPING + rank + 1) })
    }
  }
  return [...hits.values()].toSorted((one, other) => other.score - one.score)
}

/** Where each table of each source first occurs among the pairs. */
function tablePlaces(pairs: readonly TrainingHit[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const { source, tables } of pairs) {
    for (const table of tables) {
      const key = JSON.stringify([source, table])
      if (!places.has(key)) places.set(key, places.size)
    }
  }
  return places
}

function isAmong(item: Pick<RankedItem, 'source' | 'tables'>, places: ReadonlyMap<string, number>): boolean {
  return bestPlace(item, places) < places.size
}

function bestPlace(
  { source, tables }: Pick<RankedItem, 'source' | 'tables'>,
  places: ReadonlyMap<string, number>,
): number {
  return Math.min(places.size, ...tables.map((table) => places.get(JSON.stringify([source, table])) ?? places.size))
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
