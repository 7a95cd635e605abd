import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Pair } from '../pair.ts'
import { type Resolution, resolveNames } from './resolve.ts'
import { skeletonOf } from './skeleton.ts'
import type { Tree } from './tree.ts'

/** A pair with what its statement says, read once for every measure. */
export interface PairReading {
  readonly pair: Pair
  readonly tree: Tree
  readonly names: Resolution
  readonly fingerprint: string
  readonly skeleton: string
}

/** Reads pairs that have run, so that they parse. */
export async function readPairs(
  parser: SqlParser,
  catalog: Catalog,
  pairs: readonly Pair[],
): Promise<readonly PairReading[]> {
  const readings: PairReading[] = []
  for (const pair of pairs) {
    const tree = await parser.parse(pair.sql)
    readings.push({
      pair,
      tree,
      names: resolveNames(tree, catalog, true),
      fingerprint: await parser.fingerprint(pair.sql),
      skeleton: skeletonOf(tree),
    })
  }
  return readings
}
