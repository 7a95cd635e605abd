import type { Store } from '../../platform/store.ts'
import { type Pair, pairId } from '../pair.ts'
import { ddlItemId } from './items.ts'
import { loadedDocuments, loadedIds } from './loaded-store.ts'

/** A pair that an earlier task has loaded. */
export interface LoadedPair {
  /** Of its question and SQL, as the generator gives it. */
  readonly id: string
  readonly tables: readonly string[]
  /** Whether the generator wrote it, in the language asked for. */
  readonly generated: boolean
}

/** What earlier tasks have loaded of a source. JSON all through, so that it can be checkpointed. */
export interface Loaded {
  /** Tables whose DDL is loaded as it is now. */
  readonly tables: readonly string[]
  readonly pairs: readonly LoadedPair[]
}

/** @param ddl of the source's tables as they are now, by display name */
export async function readLoaded(
  store: Store,
  source: string,
  ddl: ReadonlyMap<string, string>,
  language: Pair['language'],
): Promise<Loaded> {
  const documents = await loadedDocuments(store, source)
  if (documents.length === 0) return { tables: [], pairs: [] }
  const ids = new Map<string, string>()
  for (const [table, text] of ddl) ids.set(table, await ddlItemId(source, text))
  const present = await loadedIds(store, [...ids.values()])
  const pairs = documents.flatMap(({ document, tables, origin, language: own }) => {
    const id = idOf(document)
    return id === null ? [] : [{ id, tables, generated: origin === 'generator' && own === language }]
  })
  return { tables: [...ids].flatMap(([table, id]) => (present.has(id) ? [table] : [])), pairs }
}

function idOf(document: string): string | null {
  const { question, sql } = JSON.parse(document) as { question?: unknown; sql?: unknown }
  return typeof question === 'string' && typeof sql === 'string' ? pairId(question, sql) : null
}
