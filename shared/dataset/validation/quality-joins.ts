import { type Catalog, displayName, type ForeignKey } from '../catalog/catalog.ts'
import { foreignKeyName, joinedKeys } from './coverage.ts'
import type { PairReading } from './quality-reading.ts'

export interface JoinPaths {
  readonly total: number
  readonly joined: number
  /** Paths that no pair joins, as `a -> b -> c`. */
  readonly missing: readonly string[]
}

/** How many of the paths over two keys, so of three tables, one statement joins whole. */
export function measureTwoHops(
  readings: readonly Pick<PairReading, 'names'>[],
  catalog: Catalog,
  usable: readonly ForeignKey[],
): JoinPaths {
  const paths = twoHopPaths(usable)
  const joined = new Set<string>()
  for (const { names } of readings) {
    const keys = new Set(joinedKeys(names, catalog).map(foreignKeyName))
    if (keys.size < 2) continue
    for (const [name, [one, other]] of paths) if (keys.has(one) && keys.has(other)) joined.add(name)
  }
  const missing = [...paths.keys()].filter((name) => !joined.has(name))
  return { total: paths.size, joined: joined.size, missing }
}

/** Each two keys that meet in a table and lead to three different ones, by name. */
function twoHopPaths(keys: readonly ForeignKey[]): ReadonlyMap<string, readonly [string, string]> {
  const byTable = new Map<string, ForeignKey[]>()
  for (const key of keys) {
    for (const end of new Set([displayName(key.from), displayName(key.to)])) {
      byTable.set(end, [...(byTable.get(end) ?? []), key])
    }
  }
  const paths = new Map<string, readonly [string, string]>()
  for (const [middle, meeting] of byTable) {
    for (const [index, one] of meeting.entries()) {
      for (const other of meeting.slice(index + 1)) {
        const [left, right] = [otherEnd(one, middle), otherEnd(other, middle)]
        if (new Set([left, middle, right]).size < 3) continue
        const [first, second] = [foreignKeyName(one), foreignKeyName(other)]
        paths.set(`${first}; ${second}`, [first, second])
      }
    }
  }
  return paths
}

function otherEnd(key: ForeignKey, end: string): string {
  return displayName(key.from) === end ? displayName(key.to) : displayName(key.from)
}
