import type { Source } from '../../platform/source.ts'
import type { SqlParser } from '../../platform/sql-parser.ts'
import { type Catalog, sameRelation } from '../catalog/catalog.ts'
import { compareNames } from '../catalog/compare-names.ts'
import { HARDNESS_LEVELS } from '../pair.ts'
import { provePairs, spread } from '../validation/sharpness.ts'
import { acceptStatement } from '../validation/statement.ts'
import { Weighing } from './choice.ts'
import type { Candidate } from './classify.ts'
import { type SelectOptions, selectWeighed } from './select-pairs.ts'
import { foreignKeyId } from './usage.ts'

/** What the source says of a pair: a verdict that a checkpoint keeps. */
export type Verdict =
  | 'sharp'
  /** A change of the statement that is not known to make no difference gave the same result. */
  | 'blunt'
  /** No rows, or only nulls. */
  | 'empty'
  /** It failed, or was too dear to run; left to the validation. */
  | 'unknown'

export interface ProofTools {
  readonly source: Source
  readonly parser: SqlParser
  readonly catalog: Catalog
  /** Of `volatileFunctions`. */
  readonly deniedFunctions: ReadonlySet<string>
}

/** Runs statements of pairs that were chosen, and answers a verdict for each. */
export type Prove = (round: number, pairs: readonly Candidate[]) => Promise<readonly Verdict[]>

/** Rounds of proofs; each leaves a fraction of the blunt pairs of the one before. */
export const PROOF_ROUNDS_MAX = 10
const ROUNDS_OF_MANY = 3 // choosing among thousands takes a second, each time
const MANY_CANDIDATES = 3_000
const ROUND_PROOFS_MIN = 150 // fewer are proved at once; of more a part shows which kinds are blunt on this data
const KIND_PROOFS_MIN = 3 // of a kind, before most of them being blunt speaks against the others
const PROOFS_MAX = 1_500 // some seconds of short statements; of a larger set this many are proved, spread evenly

export interface ProvenOptions<C extends Candidate> extends Pick<SelectOptions<C>, 'keep' | 'rest' | 'total'> {
  /** Those that were proved before, and are not run again. */
  readonly proven?: (candidate: C) => boolean
}

/**
 * Chooses pairs that the data proves: sets aside those without a result and, unless nothing else covers what they do,
 * those whose result hardly differs when their SQL does, and chooses again among the rest.
 * @returns those chosen in an order of their own (of a model first, then by tables), which does not tell how they were found
 */
export async function chooseProven<C extends Candidate>(
  candidates: readonly C[],
  catalog: Catalog,
  prove: Prove,
  { proven = () => false, ...options }: ProvenOptions<C> = {},
): Promise<readonly C[]> {
  const verdicts = new Map<string, Verdict>()
  const experience = new Experience(catalog)
  const weighing = new Weighing(catalog)
  const weighed = candidates.map((candidate) => weighing.weighed(candidate))
  const chooseAgain = (isLast: boolean) =>
    selectWeighed(
      weighed.filter(({ candidate }) => verdicts.get(candidate.id) !== 'empty'),
      {
        ...options,
        spare: (candidate: C) => {
          const verdict = verdicts.get(candidate.id)
          return verdict === 'blunt' || (verdict === undefined && experience.doubts(candidate))
        },
        // Nobody will prove what the last choice lets in.
        ...(isLast ? { filler: (one: C) => !verdicts.has(one.id) && !proven(one) } : {}),
      },
    )
  let chosen = chooseAgain(false)
  let isAllProven = false
  const rounds = candidates.length > MANY_CANDIDATES ? ROUNDS_OF_MANY : PROOF_ROUNDS_MAX
  for (let round = 0; round < rounds; round++) {
    const unproven = chosen.filter((one) => one.onEmptyTable !== true && !verdicts.has(one.id) && !proven(one))
    const pairs = spread(unproven, Math.min(PROOFS_MAX - verdicts.size, proofsOf(round, rounds, unproven.length)))
    if (pairs.length === 0) break
    isAllProven = pairs.length === unproven.length
    const found = await prove(round, pairs)
    for (const [index, pair] of pairs.entries()) {
      const verdict = found[index] ?? 'unknown'
      verdicts.set(pair.id, verdict)
      experience.add(pair, verdict)
    }
    chosen = chooseAgain(round === rounds - 1 && isAllProven)
  }
  const placed = chosen.map((one) => [placeOf(one), one] as const)
  return placed.sort(([one], [other]) => compareNames(one, other)).map(([, pair]) => pair)
}

function placeOf({ origin, tables, hardness, id }: Candidate): string {
  return JSON.stringify([origin === 'llm' ? 0 : 1, tables, HARDNESS_LEVELS.indexOf(hardness), id])
}

function proofsOf(round: number, rounds: number, unproven: number): number {
  const share = round === 0 ? 0.25 : round < rounds - 1 ? 0.5 : 1
  return Math.max(ROUND_PROOFS_MIN, Math.ceil(unproven * share))
}

/** Runs the statements of pairs and their mutants, where they are such as may be run. */
export async function verdictsOf(tools: ProofTools, pairs: readonly Pick<Candidate, 'sql'>[]): Promise<Verdict[]> {
  const { source, parser, catalog, deniedFunctions } = tools
  const runnable: boolean[] = []
  for (const { sql } of pairs) runnable.push((await acceptStatement(parser, sql, deniedFunctions)).kind === 'accepted')
  const proofs = await provePairs(
    source,
    parser,
    pairs.filter((_, index) => runnable[index]),
    { catalog },
  )
  const verdicts = proofs.map(({ original, same }): Verdict => {
    if (original === null) return 'unknown'
    if (original.toldRows === 0) return 'empty'
    return same.length > 0 ? 'blunt' : 'sharp'
  })
  return runnable.map((isRunnable) => (isRunnable ? (verdicts.shift() ?? 'unknown') : 'unknown'))
}

/**
 * What the verdicts so far say of pairs that were not run: those of one shape are alike, and so are those joined by
 * keys that may be null.
 */
class Experience {
  readonly #optionalKeys: ReadonlySet<string>
  readonly #counts = new Map<string, { proven: number; blunt: number }>()

  constructor(catalog: Catalog) {
    const optional = catalog.foreignKeys.filter(({ from, fromColumns }) => {
      const columns = catalog.relations.find((relation) => sameRelation(relation, from))?.columns ?? []
      return columns.some(({ name, notNull }) => fromColumns.includes(name) && !notNull)
    })
    this.#optionalKeys = new Set(optional.map(foreignKeyId))
  }

  add(candidate: Candidate, verdict: Verdict): void {
    for (const kind of this.#kindsOf(candidate)) {
      const { proven, blunt } = this.#counts.get(kind) ?? { proven: 0, blunt: 0 }
      this.#counts.set(kind, { proven: proven + 1, blunt: blunt + (verdict === 'blunt' ? 1 : 0) })
    }
  }

  /** Whether most of its kind were blunt; the narrowest kind that was seen often enough decides. */
  doubts(candidate: Candidate): boolean {
    for (const kind of this.#kindsOf(candidate)) {
      const { proven, blunt } = this.#counts.get(kind) ?? { proven: 0, blunt: 0 }
      if (proven >= KIND_PROOFS_MIN) return blunt > proven / 2
    }
    return false
  }

  #kindsOf({ shape, foreignKeys }: Candidate): readonly [narrow: string, wide: string] {
    const joined = foreignKeys.some((key) => this.#optionalKeys.has(key)) ? 'optional' : 'certain'
    return [`${shape} ${joined}`, joined]
  }
}
