import type { Loaded } from '../training/loaded.ts'
import type { Candidate } from './classify.ts'
import { EXTRA_SHARE_MAX, PAIRS_PER_TABLE, totalFor } from './select-pairs.ts'

/** How the pairs that earlier tasks have loaded bear on a choice. */
export interface Standing<C extends Candidate = Candidate> {
  /** Those to choose among. */
  readonly candidates: readonly C[]
  /** Loaded already: it stays. */
  stays(candidate: C): boolean
  /** Reads only tables that are as they were: taken where nothing else names a column, a key or a table. */
  rests(candidate: C): boolean
  /** Pairs wanted; undefined where nothing is loaded. */
  readonly total: number | undefined
}

/**
 * Leaves what is loaded in its place: pairs that would be drawn again stay, and new ones are for tables that have changed
 * since. A table has changed when its DDL is not loaded, when no pair of it stays, or when a loaded pair on it alone would
 * not be drawn any more, since then its rows are others.
 * @param tables of the source, as people name them
 */
export function standingOf<C extends Candidate>(
  loaded: Loaded,
  candidates: readonly C[],
  tables: readonly string[],
): Standing<C> {
  const loadedIds = new Set(loaded.pairs.map(({ id }) => id))
  const stays = ({ id }: Candidate) => loadedIds.has(id)
  const staying = candidates.filter(stays)
  if (staying.length === 0) return { candidates, stays, rests: () => false, total: undefined }

  const drawn = new Set(candidates.map(({ id }) => id))
  const gone = loaded.pairs.filter(({ id, generated }) => generated && !drawn.has(id))
  const redrawn = new Set(gone.flatMap(({ tables: read }) => (read.length === 1 ? read : [])))
  const kept = new Set(staying.flatMap(({ tables: read }) => read))
  const settled = new Set(loaded.tables.filter((table) => kept.has(table) && !redrawn.has(table)))
  const rests = (candidate: C) => !stays(candidate) && candidate.tables.every((table) => settled.has(table))
  const isOwn = ({ onEmptyTable, origin }: C) => onEmptyTable !== true && origin === 'generator'
  const hasChanged =
    gone.length > 0 || candidates.some((one) => isOwn(one) && one.tables.some((table) => !settled.has(table)))
  return {
    candidates: hasChanged ? candidates : candidates.filter((one) => stays(one) || !isOwn(one)),
    stays,
    rests: (candidate) => isOwn(candidate) && rests(candidate),
    total: totalOf(),
  }

  /** As many as there were, and the usual number for each table that is new. */
  function totalOf(): number {
    const usual = totalFor(new Set(candidates.filter(isOwn).flatMap(({ tables: read }) => read)).size)
    const living = new Set(tables)
    const before = loaded.pairs.filter(
      ({ tables: read, generated }) => generated && read.every((one) => living.has(one)),
    )
    const known = new Set(loaded.pairs.flatMap(({ tables: read }) => read))
    const added = tables.filter((table) => !known.has(table)).length
    const wanted = before.length + added * PAIRS_PER_TABLE
    return Math.min(Math.ceil(usual * (1 + EXTRA_SHARE_MAX)), Math.max(usual, wanted))
  }
}
