import type { Catalog } from '../catalog/catalog.ts'
import { HARDNESS_LEVELS, type Hardness } from '../pair.ts'
import { Choice, isPath, type Weighed, Weighing } from './choice.ts'
import type { Candidate } from './classify.ts'
import { LazyQueue } from './lazy-queue.ts'

export interface SelectOptions<C extends Candidate = Candidate> {
  /** Pairs on relations with rows; by default `totalFor` of the tables that candidates read. */
  readonly total?: number
  /** Candidates that are wanted whatever they cover, such as those of a model; the others fill up around them. */
  readonly keep?: (candidate: C) => boolean
  /** Candidates that are taken only for what nothing else covers, and to restore the mix of levels where it is out. */
  readonly spare?: (candidate: C) => boolean
  /** Candidates that are taken only where no other names a table, a column or a key. */
  readonly rest?: (candidate: C) => boolean
  /** Candidates that are taken where the others are too few, for what those do not cover, and to restore the mix. */
  readonly filler?: (candidate: C) => boolean
}

/** Pairs wanted for each table. */
export const PAIRS_PER_TABLE = 12
/** Pairs over the total, so that nothing stays uncovered. */
export const EXTRA_SHARE_MAX = 0.4

const PAIRS_MIN = 120 // fewer leave no room for 75 forms of statements
const PAIRS_MAX = 3000 // a training set beyond this gains nothing from more of the same grammar
const CANDIDATES_MAX = 12_000 // four for each pair of the largest set, half a kilobyte each; sources of some 200 keys stay below
const EMPTY_PAIRS_PER_TOPIC = 3
const MIX_SHARE_MAX = 0.15 // on top of those, to restore the mix of levels
const LEVEL_SHARE_MAX = 0.29 // a level of hardness may hold 20 to 30 % of the pairs
const LEVEL_SHARE_MIN = 0.2
const SPARE_SHARE_MAX = 0.04 // nine pairs in ten are to be sharp, and not all have a change that runs
const UNCOVERED_SHARE_MAX = 0.1 // what nothing else covers at all comes on top again
const COLUMN_TIMES = 3 // pairs that name a column, where there are as many
const PATHS_SHARE = 0.4 // of the joins of three tables, seen at least once whatever the pair is worth

/** About twelve pairs a table, at least 120, at most 3,000. */
export function totalFor(tables: number): number {
  return Math.min(PAIRS_MAX, Math.max(PAIRS_MIN, tables * PAIRS_PER_TABLE))
}

/**
 * Chooses pairs greedily: each next one is that which adds most of what is still missing (tables, columns three times
 * over, foreign keys, features, kinds of question), at the level of hardness that is furthest behind its quarter.
 * Those to keep come first, then those to spare, those at rest last. No two have the same question, or statements that differ in literals
 * only. Pairs on empty relations come at the end, at most three for each topic, marked `onEmptyTable`.
 */
export function selectPairs<C extends Candidate>(
  candidates: readonly C[],
  catalog: Catalog,
  options: SelectOptions<C> = {},
): C[] {
  const weighing = new Weighing(catalog)
  return selectWeighed(
    candidates.map((candidate) => weighing.weighed(candidate)),
    options,
  )
}

/** The same among candidates that were weighed before, as they are where the choice is made again and again. */
export function selectWeighed<C extends Candidate>(
  candidates: readonly Weighed<C>[],
  options: SelectOptions<C> = {},
): C[] {
  const weighed = candidates.filter(({ candidate }) => candidate.onEmptyTable !== true)
  const tables = new Set(weighed.flatMap(({ candidate }) => candidate.tables))
  const total = options.total ?? totalFor(tables.size)
  const choice = new Choice<C>()
  for (const one of weighed) if (options.keep?.(one.candidate) === true && !choice.repeats(one)) choice.add(one)
  const { spare: isSpare = () => false, filler: isFiller = () => false, rest: rests = () => false } = options
  const [wanted, fillers] = [[] as Weighed<C>[], [] as Weighed<C>[]]
  const [spares, resting] = [[] as Weighed<C>[], [] as Weighed<C>[]]
  for (const one of weighed) {
    const { candidate } = one
    const among = rests(candidate) ? resting : isSpare(candidate) ? spares : isFiller(candidate) ? fillers : wanted
    among.push(one)
  }
  const queues = levelQueues(choice, wanted)
  while (choice.chosen.length < total && addFromSmallestLevel(choice, queues)) {}
  const mostMore = Math.ceil(total * (1 + EXTRA_SHARE_MAX))
  addCovering(choice, wanted, mostMore, (one) => choice.covers(one, COLUMN_TIMES))
  const mostMixed = Math.ceil(mostMore * (1 + MIX_SHARE_MAX))
  restoreMix(choice, queues, mostMixed)
  const fillerQueues = levelQueues(choice, fillers)
  while (choice.chosen.length < total && addFromSmallestLevel(choice, fillerQueues)) {}
  addCovering(choice, fillers, mostMore, (one) => choice.covers(one, COLUMN_TIMES))
  restoreMix(choice, fillerQueues, mostMixed)
  const mostOfAll = Math.ceil(mostMixed * (1 + UNCOVERED_SHARE_MAX))
  const before = choice.chosen.length
  addSpares(choice, spares, mostOfAll)
  if (choice.chosen.length > before) {
    restoreMix(choice, queues, mostOfAll)
    restoreMix(choice, fillerQueues, mostOfAll)
  }
  addCovering(choice, resting, mostOfAll, (one) => choice.namesNew(one))
  return [...choice.chosen, ...onEmptyTables(candidates, choice)]
}

/**
 * Those of a part's candidates that are kept until the choice among all, in their order: every one, unless all parts
 * together would then hold more than a function has room for.
 * @param share the part's share of all topics, from 0 to 1
 * @param keep those that are kept in any case
 */
export function keptOfPart<C extends Candidate>(
  candidates: readonly C[],
  catalog: Catalog,
  share: number,
  keep: (candidate: C) => boolean = () => false,
): readonly C[] {
  const total = Math.ceil(CANDIDATES_MAX * share)
  if (candidates.length <= total) return candidates
  const chosen = new Set(selectPairs(candidates, catalog, { total, keep }))
  return candidates.filter((candidate) => chosen.has(candidate))
}

type Queue<C extends Candidate> = LazyQueue<Weighed<C>>

function restoreMix<C extends Candidate>(choice: Choice<C>, queues: Map<Hardness, Queue<C>>, most: number): void {
  while (choice.chosen.length < most && choice.largestLevelShare() > LEVEL_SHARE_MAX) {
    if (!addFromSmallestLevel(choice, queues)) return
  }
}

/** Takes what covers something, the best first. */
function addCovering<C extends Candidate>(
  choice: Choice<C>,
  candidates: readonly Weighed<C>[],
  most: number,
  covers: (candidate: Weighed<C>) => boolean,
): void {
  // What covers nothing now never will.
  const queue = queueOf(choice, candidates.filter(covers))
  while (choice.chosen.length < most) {
    const next = queue.take((one) => !choice.repeats(one) && covers(one))
    if (next === null) return
    choice.add(next)
  }
}

/** What is covered by nothing else is worth a weak pair; a few more may serve columns seen too seldom, and the mix. */
function addSpares<C extends Candidate>(choice: Choice<C>, spares: readonly Weighed<C>[], most: number): void {
  const topics = [...choice.chosen, ...spares.map(({ candidate }) => candidate)].filter(isPath)
  const pathsWanted = new Set(topics.map(({ topic }) => topic)).size * PATHS_SHARE
  const isPathWanted = (one: Weighed<C>) => choice.isNewPath(one) && choice.paths < pathsWanted
  addCovering(choice, spares, most, (one) => choice.covers(one, 1) || isPathWanted(one))
  const enough = Math.min(most, Math.floor(choice.chosen.length * (1 + SPARE_SHARE_MAX)))
  const queues = levelQueues(choice, spares)
  while (choice.chosen.length < enough && choice.smallestLevelShare(HARDNESS_LEVELS) < LEVEL_SHARE_MIN) {
    if (!addFromSmallestLevel(choice, queues)) break
  }
  addCovering(choice, spares, enough, (one) => choice.covers(one, COLUMN_TIMES))
}

function levelQueues<C extends Candidate>(
  choice: Choice<C>,
  candidates: readonly Weighed<C>[],
): Map<Hardness, Queue<C>> {
  const levels = new Map<Hardness, Weighed<C>[]>(HARDNESS_LEVELS.map((level) => [level, []]))
  for (const one of candidates) levels.get(one.candidate.hardness)?.push(one)
  return new Map([...levels].map(([level, ones]) => [level, queueOf(choice, ones)]))
}

function queueOf<C extends Candidate>(choice: Choice<C>, candidates: readonly Weighed<C>[]): Queue<C> {
  return new LazyQueue(candidates, (one) => choice.gain(one))
}

/** Adds the best pair of the level with the fewest so far; exhausted levels are removed. False when all are. */
function addFromSmallestLevel<C extends Candidate>(choice: Choice<C>, queues: Map<Hardness, Queue<C>>): boolean {
  while (queues.size > 0) {
    const [level, queue] = [...queues].reduce((one, other) =>
      choice.levelCount(other[0]) < choice.levelCount(one[0]) ? other : one,
    )
    const next = queue.take((one) => !choice.repeats(one))
    if (next !== null) {
      choice.add(next)
      return true
    }
    queues.delete(level)
  }
  return false
}

function onEmptyTables<C extends Candidate>(candidates: readonly Weighed<C>[], choice: Choice<C>): readonly C[] {
  const perTopic = new Map<number, number>()
  const kept: C[] = []
  const questions = new Set<number>()
  const fingerprints = new Set<number>()
  for (const one of candidates) {
    const { candidate, question, fingerprint, topic } = one
    const times = perTopic.get(topic) ?? 0
    const isRepeat = questions.has(question) || fingerprints.has(fingerprint) || choice.repeats(one)
    if (candidate.onEmptyTable !== true || times >= EMPTY_PAIRS_PER_TOPIC || isRepeat) continue
    perTopic.set(topic, times + 1)
    questions.add(question)
    fingerprints.add(fingerprint)
    kept.push(candidate)
  }
  return kept
}
