import type { Source } from '../../platform/source.ts'
import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Pair } from '../pair.ts'
import { DIGEST_LIMITS, type Digest, type DigestLimits, digestsOf, type Variants } from './digests.ts'
import { type Mutant, type MutationKind, mutantsOf } from './mutants.ts'

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
  readonly limits?: DigestLimits
  /** Lets mutants be left out that can't differ; without it sharpness is understated. */
  readonly catalog?: Catalog
  readonly signal?: AbortSignal
}

/** What the data says of one pair. */
export interface PairProof {
  /** Null where the statement failed or was too dear to run. */
  readonly original: Digest | null
  /** Mutants that ran. */
  readonly ran: number
  /** Those of them that gave the same result. */
  readonly same: readonly Mutant[]
}

const SAMPLE_PAIRS_MAX = 60 // some 500 short statements
// What these change is an order, or what is at the top of one. Elsewhere equal rows may come in any order among equals.
const CHANGES_ORDER: ReadonlySet<MutationKind> = new Set(['flip_order', 'change_aggregate', 'change_limit'])

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
 * the pair, unless the catalog proves that it could not differ on any data; one that fails says nothing and is not
 * counted.
 */
export async function measureSharpness(
  source: Source,
  parser: SqlParser,
  pairs: readonly Pair[],
  options: SharpnessOptions = {},
): Promise<Sharpness> {
  options.signal?.throwIfAborted()
  const proofs = await provePairs(source, parser, pairs, options)
  const undistinguished = pairs.flatMap(({ id }, index) => {
    const mutants = proofs[index]?.same ?? []
    return mutants.length === 0 ? [] : [{ id, mutants }]
  })
  const measured = proofs.filter(({ ran }) => ran > 0).length
  return { sharp: measured - undistinguished.length, measured, undistinguished }
}

/** Runs pairs' statements, which must have been accepted, and their mutants. */
export async function provePairs(
  source: Source,
  parser: SqlParser,
  pairs: readonly Pick<Pair, 'sql'>[],
  { mutantsMax = 8, limits = DIGEST_LIMITS, catalog }: SharpnessOptions = {},
): Promise<readonly PairProof[]> {
  const groups: (Variants & { readonly mutants: readonly Mutant[] })[] = []
  for (const { sql } of pairs) {
    const tree = await parser.parse(sql)
    const mutants = await mutantsOf(parser, sql, mutantsMax, catalog)
    groups.push({ tree, mutants, statements: [sql, ...mutants.map((mutant) => mutant.sql)] })
  }
  const digests = await digestsOf(source, groups, limits)
  return groups.map(({ mutants }, index) => proofOf(mutants, digests[index] ?? []))
}

function proofOf(mutants: readonly Mutant[], [original = null, ...others]: readonly (Digest | null)[]): PairProof {
  if (original === null) return { original, ran: 0, same: [] }
  const same = mutants.filter(({ kind }, index) => {
    const other = others[index] ?? null
    const compared = CHANGES_ORDER.has(kind) ? 'sequence' : 'content'
    return other !== null && other[compared] === original[compared]
  })
  return { original, ran: others.filter((digest) => digest !== null).length, same }
}

/** At most `max` items, evenly spread. */
export function spread<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items
  return Array.from({ length: max }, (_, index) => items[Math.floor((index * items.length) / max)]).filter(
    (item): item is NonNullable<typeof item> => item !== undefined,
  )
}
