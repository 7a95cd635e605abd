import type { Catalog } from '../catalog/catalog.ts'
import { HARDNESS_LEVELS, type Hardness } from '../pair.ts'
import type { Candidate } from './classify.ts'
import { CORE_FEATURES } from './features.ts'
import { LazyQueue } from './lazy-queue.ts'

export interface SelectOptions<C extends Candidate = Candidate> {
  /** Pairs on relations with rows; by default `totalFor` of the tables that candidates read. */
  readonly total?: number
  /** Candidates that are wanted whatever they cover, such as those of a model; the others fill up around them. */
  readonly keep?: (candidate: C) => boolean
  /** Candidates that are taken only for what nothing else covers, and to restore the mix of levels where it is out. */
  readonly spare?: (candidate: C) => boolean
}

const PAIRS_MIN = 120 // fewer leave no room for 75 forms of statements
const PAIRS_PER_TABLE = 12
const PAIRS_MAX = 3000 // a training set beyond this gains nothing from more of the same grammar
const CANDIDATES_MAX = 12_000 // four for each pair of the largest set, half a kilobyte each; sources of some 200 keys stay below
const EMPTY_PAIRS_PER_TOPIC = 3
const EXTRA_SHARE_MAX = 0.4 // pairs over the total: first so that nothing stays uncovered, then to restore the mix
const LEVEL_SHARE_MAX = 0.29 // a level of hardness may hold 20 to 30 % of the pairs
const LEVEL_SHARE_MIN = 0.2
const SPARE_SHARE_MAX = 0.04 // nine pairs in ten are to be sharp, and not all have a change that runs
const UNCOVERED_SHARE_MAX = 0.1 // what nothing else covers at all comes on top
const PATHS_SHARE = 0.4 // of the joins of three tables, seen at least once whatever the pair is worth

/** About twelve pairs a table, at least 120, at most 3,000. */
export function totalFor(tables: number): number {
  return Math.min(PAIRS_MAX, Math.max(PAIRS_MIN, tables * PAIRS_PER_TABLE))
}

/**
 * Chooses pairs greedily: each next one is that which adds most of what is still missing (tables, columns three times
 * over, foreign keys, features, kinds of question), at the level of hardness that is furthest behind its quarter.
 * Those to keep come first, those to spare last. No two have the same question, or statements that differ in literals
 * only. Pairs on empty relations come at the end, at most three for each topic, marked `onEmptyTable`.
 */
export function selectPairs<C extends Candidate>(
  candidates: readonly C[],
  catalog: Catalog,
  options: SelectOptions<C> = {},
): C[] {
  const filled = candidates.filter(({ onEmptyTable }) => onEmptyTable !== true)
  const tables = new Set(filled.flatMap((candidate) => candidate.tables))
  const total = options.total ?? totalFor(tables.size)
  const choice = new Choice<C>(catalog)
  for (const candidate of filled) {
    if (options.keep?.(candidate) === true && !choice.repeats(candidate)) choice.add(candidate)
  }
  const isSpare = options.spare ?? (() => false)
  const wanted = filled.filter((candidate) => !isSpare(candidate))
  const queues = levelQueues(choice, wanted)
  while (choice.chosen.length < total && addFromSmallestLevel(choice, queues)) {}
  const mostMore = Math.ceil(total * (1 + EXTRA_SHARE_MAX))
  addCovering(choice, wanted, mostMore, (candidate) => choice.coversMore(candidate))
  restoreMix(choice, queues, mostMore)
  const mostOfAll = Math.ceil(mostMore * (1 + UNCOVERED_SHARE_MAX))
  const before = choice.chosen.length
  addSpares(choice, filled.filter(isSpare), mostOfAll)
  if (choice.chosen.length > before) restoreMix(choice, queues, mostOfAll)
  return [...choice.chosen, ...onEmptyTables(candidates, choice)]
}

/**
 * Those of a part's candidates that are kept until the choice among all: every one, unless all parts together would then
 * hold more than a function has room for.
 * @param share the part's share of all topics, from 0 to 1
 */
export function keptOfPart<C extends Candidate>(
  candidates: readonly C[],
  catalog: Catalog,
  share: number,
): readonly C[] {
  const total = Math.ceil(CANDIDATES_MAX * share)
  return candidates.length <= total ? candidates : selectPairs(candidates, catalog, { total })
}

/** What is chosen so far, and what another pair would add. */
class Choice<C extends Candidate> {
  readonly chosen: C[] = []
  readonly #levels = new Map<Hardness, number>()
  readonly #tables: Set<string>
  readonly #questions = new Set<string>()
  readonly #fingerprints = new Set<string>()
  readonly #paths = new Set<string>()
  readonly #times = new Map<string, number>()

  constructor(catalog: Catalog) {
    this.#tables = new Set(
      catalog.relations.map(({ schema, name }) => (schema === 'public' ? name : `${schema}.${name}`)),
    )
  }

  /** Joins of three tables and more that are seen. */
  get paths(): number {
    return this.#paths.size
  }

  isNewPath(candidate: C): boolean {
    return isPath(candidate) && !this.#paths.has(candidate.topic)
  }

  add(candidate: C): void {
    if (isPath(candidate)) this.#paths.add(candidate.topic)
    this.chosen.push(candidate)
    this.#levels.set(candidate.hardness, (this.#levels.get(candidate.hardness) ?? 0) + 1)
    this.#questions.add(candidate.question)
    this.#fingerprints.add(candidate.fingerprint)
    for (const thing of thingsOf(candidate)) this.#times.set(thing, this.#timesOf(thing) + 1)
  }

  levelCount(level: Hardness): number {
    return this.#levels.get(level) ?? 0
  }

  largestLevelShare(): number {
    return Math.max(0, ...this.#levels.values()) / Math.max(1, this.chosen.length)
  }

  smallestLevelShare(): number {
    return Math.min(...HARDNESS_LEVELS.map((level) => this.#levels.get(level) ?? 0)) / Math.max(1, this.chosen.length)
  }

  repeats({ question, fingerprint }: C): boolean {
    return this.#questions.has(question) || this.#fingerprints.has(fingerprint)
  }

  /** Only falls while pairs are added: `LazyQueue` relies on it. */
  gain(candidate: C): number {
    // A model's pairs were paid for, and no two are of one kind.
    let gain = candidate.origin === 'llm' ? LLM_GAIN : 2 / (1 + this.#timesOf(`shape ${candidate.shape}`))
    for (const table of candidate.tables)
      if (this.#tables.has(table)) gain += 12 / (1 + this.#timesOf(`table ${table}`)) ** 2
    for (const column of candidate.columns) gain += [8, 6, 5][this.#timesOf(`column ${column}`)] ?? 0
    for (const value of candidate.values ?? []) if (this.#timesOf(`value ${value}`) === 0) gain += VALUE_GAIN
    for (const key of candidate.foreignKeys) gain += 10 / (1 + this.#timesOf(`key ${key}`)) ** 2
    for (const feature of candidate.features) {
      const weight = CORE.has(feature) ? 8 : 1
      gain += weight / (1 + this.#timesOf(`feature ${feature}`)) ** 2
    }
    if (isPath(candidate)) gain += 4 / (1 + this.#timesOf(`topic ${candidate.topic}`))
    return gain
  }

  /** Whether a table, key or core feature is still unseen, or a column seen less than three times. */
  coversMore(candidate: C): boolean {
    return (
      candidate.columns.some((column) => this.#timesOf(`column ${column}`) < 3) ||
      candidate.tables.some((table) => this.#tables.has(table) && this.#timesOf(`table ${table}`) === 0) ||
      candidate.foreignKeys.some((key) => this.#timesOf(`key ${key}`) === 0) ||
      candidate.values?.some((value) => this.#timesOf(`value ${value}`) === 0) ||
      candidate.features.some((feature) => CORE.has(feature) && this.#timesOf(`feature ${feature}`) === 0)
    )
  }

  /** Whether a table, key, column or core feature is still unseen. */
  coversNew(candidate: C): boolean {
    return (
      candidate.columns.some((column) => this.#timesOf(`column ${column}`) === 0) ||
      candidate.tables.some((table) => this.#tables.has(table) && this.#timesOf(`table ${table}`) === 0) ||
      candidate.foreignKeys.some((key) => this.#timesOf(`key ${key}`) === 0) ||
      candidate.values?.some((value) => this.#timesOf(`value ${value}`) === 0) ||
      candidate.features.some((feature) => CORE.has(feature) && this.#timesOf(`feature ${feature}`) === 0)
    )
  }

  #timesOf(thing: string): number {
    return this.#times.get(thing) ?? 0
  }
}

const LLM_GAIN = 6
const VALUE_GAIN = 1.5 // a handful of values counts as much as a column
const CORE: ReadonlySet<string> = new Set(CORE_FEATURES)

function isPath({ tables }: Candidate): boolean {
  return tables.length > 2
}

function thingsOf(candidate: Candidate): readonly string[] {
  return [
    `shape ${candidate.shape}`,
    `topic ${candidate.topic}`,
    ...candidate.tables.map((table) => `table ${table}`),
    ...candidate.columns.map((column) => `column ${column}`),
    ...candidate.foreignKeys.map((key) => `key ${key}`),
    ...(candidate.values ?? []).map((value) => `value ${value}`),
    ...candidate.features.map((feature) => `feature ${feature}`),
  ]
}

function restoreMix<C extends Candidate>(choice: Choice<C>, queues: Map<Hardness, LazyQueue<C>>, most: number): void {
  while (choice.chosen.length < most && choice.largestLevelShare() > LEVEL_SHARE_MAX) {
    if (!addFromSmallestLevel(choice, queues)) return
  }
}

/** Takes what covers something, the best first. */
function addCovering<C extends Candidate>(
  choice: Choice<C>,
  candidates: readonly C[],
  most: number,
  covers: (candidate: C) => boolean,
): void {
  const queue = queueOf(choice, candidates)
  while (choice.chosen.length < most) {
    const next = queue.take(
      (candidate) => choice.gain(candidate),
      (candidate) => !choice.repeats(candidate) && covers(candidate),
    )
    if (next === null) return
    choice.add(next)
  }
}

/** What is covered by nothing else is worth a weak pair; a few more may serve columns seen too seldom, and the mix. */
function addSpares<C extends Candidate>(choice: Choice<C>, spares: readonly C[], most: number): void {
  const paths = new Set([...choice.chosen, ...spares].filter(isPath).map(({ topic }) => topic))
  const pathsWanted = paths.size * PATHS_SHARE
  addCovering(
    choice,
    spares,
    most,
    (candidate) => choice.coversNew(candidate) || (choice.isNewPath(candidate) && choice.paths < pathsWanted),
  )
  const enough = Math.min(most, Math.floor(choice.chosen.length * (1 + SPARE_SHARE_MAX)))
  const queues = levelQueues(choice, spares)
  while (choice.chosen.length < enough && choice.smallestLevelShare() < LEVEL_SHARE_MIN) {
    if (!addFromSmallestLevel(choice, queues)) break
  }
  addCovering(choice, spares, enough, (candidate) => choice.coversMore(candidate))
}

function levelQueues<C extends Candidate>(choice: Choice<C>, candidates: readonly C[]): Map<Hardness, LazyQueue<C>> {
  return new Map(
    HARDNESS_LEVELS.map((level) => [
      level,
      queueOf(
        choice,
        candidates.filter(({ hardness }) => hardness === level),
      ),
    ]),
  )
}

function queueOf<C extends Candidate>(choice: Choice<C>, candidates: readonly C[]): LazyQueue<C> {
  return new LazyQueue(candidates, (candidate) => choice.gain(candidate))
}

/** Adds the best pair of the level with the fewest so far; exhausted levels are removed. False when all are. */
function addFromSmallestLevel<C extends Candidate>(choice: Choice<C>, queues: Map<Hardness, LazyQueue<C>>): boolean {
  while (queues.size > 0) {
    const [level, queue] = [...queues].reduce((one, other) =>
      choice.levelCount(other[0]) < choice.levelCount(one[0]) ? other : one,
    )
    const next = queue.take(
      (candidate) => choice.gain(candidate),
      (candidate) => !choice.repeats(candidate),
    )
    if (next !== null) {
      choice.add(next)
      return true
    }
    queues.delete(level)
  }
  return false
}

function onEmptyTables<C extends Candidate>(candidates: readonly C[], choice: Choice<C>): readonly C[] {
  const perTopic = new Map<string, number>()
  const kept: C[] = []
  const seen = new Set<string>()
  for (const candidate of candidates) {
    const times = perTopic.get(candidate.topic) ?? 0
    const isRepeat = seen.has(candidate.question) || seen.has(candidate.fingerprint) || choice.repeats(candidate)
    if (candidate.onEmptyTable !== true || times >= EMPTY_PAIRS_PER_TOPIC || isRepeat) continue
    perTopic.set(candidate.topic, times + 1)
    seen.add(candidate.question).add(candidate.fingerprint)
    kept.push(candidate)
  }
  return kept
}
