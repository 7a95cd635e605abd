import type { ReadLimits, Source } from '../../platform/source.ts'
import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Pair } from '../pair.ts'
import { failureOf } from './failure.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { isRecursive } from './recursion.ts'

export interface Sharpness {
  /** Pairs whose result differs from that of each of their mutants. */
  readonly sharp: number
  /** Pairs that had a mutant which ran; the sample is spread evenly over all pairs. */
  readonly measured: number
  /** Mutants that gave the same result, by pair. */
  readonly undistinguished: readonly { readonly id: string; readonly mutants: readonly Mutant[] }[]
}

export interface SharpnessOptions {
  /** Default 8. */
  readonly mutantsMax?: number
  readonly limits?: ReadLimits
  /** Lets mutants be left out that can't differ; without it sharpness is understated. */
  readonly catalog?: Catalog
  readonly signal?: AbortSignal
}

const SAMPLE_PAIRS_MAX = 60 // some 500 short statements
const LIMITS: ReadLimits = { rowsMax: 500, bytesMax: 500_000, timeoutMs: 2_000 }

/** Those of many pairs that are measured: a bounded number, spread evenly over all. */
export function sharpnessSample(pairs: readonly Pair[]): readonly Pair[] {
  return spread(pairs, SAMPLE_PAIRS_MAX)
}

/** What was measured of parts of a sample, as one. */
export function totalSharpness(parts: readonly Sharpness[]): Sharpness {
  return {
    sharp: parts.reduce((sum, { sharp }) => sum + sharp, 0),
    measured: parts.reduce((sum, { measured }) => sum + measured, 0),
    undistinguished: parts.flatMap(({ undistinguished }) => undistinguished),
  }
}

/**
 * How well the data tells each pair's SQL from nearly the same SQL. A mutant with an identical result counts against
 * the pair, also where it could not differ on any data; one that fails says nothing and is not counted.
 */
export async function measureSharpness(
  source: Source,
  parser: SqlParser,
  pairs: readonly Pair[],
  { mutantsMax = 8, limits = LIMITS, catalog, signal }: SharpnessOptions = {},
): Promise<Sharpness> {
  let measured = 0
  const undistinguished: { id: string; mutants: Mutant[] }[] = []
  for (const pair of pairs) {
    signal?.throwIfAborted()
    // Without its start or its end a recursion may never end, and an embedded database could not stop it.
    if (!source.stopsStatements && isRecursive(await parser.parse(pair.sql))) continue
    const original = await resultOf(source, pair.sql, limits)
    if (original === null) continue
    let ran = 0
    const same: Mutant[] = []
    for (const mutant of await mutantsOf(parser, pair.sql, mutantsMax, catalog)) {
      const result = await resultOf(source, mutant.sql, limits)
      if (result === null) continue
      ran++
      if (result === original) same.push(mutant)
    }
    if (ran > 0) measured++
    if (same.length > 0) undistinguished.push({ id: pair.id, mutants: same })
  }
  return { sharp: measured - undistinguished.length, measured, undistinguished }
}

/** The rows as text: in their order where the statement gives one, else as a set. Null when it does not run. */
async function resultOf(source: Source, sql: string, limits: ReadLimits): Promise<string | null> {
  try {
    const { rows, truncated } = await source.read(sql, limits)
    const lines = rows.map((row) => JSON.stringify(Object.values(row)))
    return JSON.stringify([truncated, /\border\s+by\b/i.test(sql) ? lines : lines.toSorted()])
  } catch (error) {
    if (failureOf(error) === null) throw error
    return null
  }
}

/** At most `max` items, evenly spread. */
function spread<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items
  return Array.from({ length: max }, (_, index) => items[Math.floor((index * items.length) / max)]).filter(
    (item): item is NonNullable<typeof item> => item !== undefined,
  )
}
