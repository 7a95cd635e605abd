import type { Catalog } from '../catalog/catalog.ts'
import type { Hardness } from '../pair.ts'
import type { Candidate } from './classify.ts'
import { CORE_FEATURES } from './features.ts'

/** A candidate with numbers for everything that it covers: thousands are weighed thousands of times. */
export interface Weighed<C extends Candidate = Candidate> {
  readonly candidate: C
  readonly question: number
  readonly fingerprint: number
  /** Relations of the catalog. */
  readonly tables: readonly number[]
  readonly columns: readonly number[]
  readonly values: readonly number[]
  readonly keys: readonly number[]
  readonly features: readonly number[]
  readonly shape: number
  readonly topic: number
  /** A join of three tables or more. */
  readonly isPath: boolean
}

const LLM_GAIN = 6
const PATH_GAIN = 4
const STAR_GAIN = 10 // of four keys that meet, each two are a path
const VALUE_GAIN = 1.5 // a handful of values counts as much as a column
const COLUMN_GAINS = [8, 6, 5] // a column is to be named three times

/** Gives the names in candidates their numbers: once for all the choices among them. */
export class Weighing {
  readonly #known: ReadonlySet<string>
  readonly #questions = new Numbers()
  readonly #fingerprints = new Numbers()
  readonly #tables = new Numbers()
  readonly #columns = new Numbers()
  readonly #values = new Numbers()
  readonly #keys = new Numbers()
  readonly #features = new Numbers(CORE_FEATURES)
  readonly #shapes = new Numbers()
  readonly #topics = new Numbers()

  constructor(catalog: Catalog) {
    this.#known = new Set(
      catalog.relations.map(({ schema, name }) => (schema === 'public' ? name : `${schema}.${name}`)),
    )
  }

  weighed<C extends Candidate>(candidate: C): Weighed<C> {
    const known = candidate.tables.filter((table) => this.#known.has(table))
    return {
      candidate,
      question: this.#questions.of(candidate.question),
      fingerprint: this.#fingerprints.of(candidate.fingerprint),
      tables: this.#tables.ofAll(known),
      columns: this.#columns.ofAll(candidate.columns),
      values: this.#values.ofAll(candidate.values ?? []),
      keys: this.#keys.ofAll(candidate.foreignKeys),
      features: this.#features.ofAll(candidate.features),
      shape: this.#shapes.of(candidate.shape),
      topic: this.#topics.of(candidate.topic),
      isPath: isPath(candidate),
    }
  }
}

/** What is chosen so far, and what another pair would add. */
export class Choice<C extends Candidate> {
  readonly chosen: C[] = []
  readonly #levels = new Map<Hardness, number>()
  readonly #questions = new Set<number>()
  readonly #fingerprints = new Set<number>()
  readonly #paths = new Set<number>()
  readonly #tables = new Tally()
  readonly #columns = new Tally()
  readonly #values = new Tally()
  readonly #keys = new Tally()
  readonly #features = new Tally()
  readonly #shapes = new Tally()
  readonly #topics = new Tally()

  /** Joins of three tables and more that are seen. */
  get paths(): number {
    return this.#paths.size
  }

  isNewPath({ isPath, topic }: Weighed<C>): boolean {
    return isPath && !this.#paths.has(topic)
  }

  add(weighed: Weighed<C>): void {
    const { candidate } = weighed
    if (weighed.isPath) this.#paths.add(weighed.topic)
    this.chosen.push(candidate)
    this.#levels.set(candidate.hardness, (this.#levels.get(candidate.hardness) ?? 0) + 1)
    this.#questions.add(weighed.question)
    this.#fingerprints.add(weighed.fingerprint)
    this.#tables.add(weighed.tables)
    this.#columns.add(weighed.columns)
    this.#values.add(weighed.values)
    this.#keys.add(weighed.keys)
    this.#features.add(weighed.features)
    this.#shapes.add([weighed.shape])
    this.#topics.add([weighed.topic])
  }

  levelCount(level: Hardness): number {
    return this.#levels.get(level) ?? 0
  }

  largestLevelShare(): number {
    return Math.max(0, ...this.#levels.values()) / Math.max(1, this.chosen.length)
  }

  smallestLevelShare(levels: readonly Hardness[]): number {
    return Math.min(...levels.map((level) => this.levelCount(level))) / Math.max(1, this.chosen.length)
  }

  repeats({ question, fingerprint }: Weighed<C>): boolean {
    return this.#questions.has(question) || this.#fingerprints.has(fingerprint)
  }

  /** Only falls while pairs are added: `LazyQueue` relies on it. */
  gain({ candidate, tables, columns, values, keys, features, shape, topic, isPath }: Weighed<C>): number {
    // A model's pairs were paid for, and no two are of one kind.
    let gain = candidate.origin === 'llm' ? LLM_GAIN : 2 / (1 + this.#shapes.times(shape))
    for (const table of tables) gain += 12 / (1 + this.#tables.times(table)) ** 2
    for (const column of columns) gain += COLUMN_GAINS[this.#columns.times(column)] ?? 0
    for (const value of values) if (this.#values.times(value) === 0) gain += VALUE_GAIN
    for (const key of keys) gain += 10 / (1 + this.#keys.times(key)) ** 2
    for (const feature of features) {
      const weight = isCore(feature) ? 8 : 1
      gain += weight / (1 + this.#features.times(feature)) ** 2
    }
    if (isPath) gain += (keys.length > 2 ? STAR_GAIN : PATH_GAIN) / (1 + this.#topics.times(topic))
    return gain
  }

  /** Whether a table, a column or a key is still unseen. */
  namesNew({ tables, columns, keys }: Weighed<C>): boolean {
    return (
      columns.some((column) => this.#columns.times(column) === 0) ||
      tables.some((table) => this.#tables.times(table) === 0) ||
      keys.some((key) => this.#keys.times(key) === 0)
    )
  }

  /** Whether a table, key, value or core feature is still unseen, or a column seen less often than that. */
  covers({ tables, columns, values, keys, features }: Weighed<C>, columnTimes: number): boolean {
    return (
      columns.some((column) => this.#columns.times(column) < columnTimes) ||
      tables.some((table) => this.#tables.times(table) === 0) ||
      keys.some((key) => this.#keys.times(key) === 0) ||
      values.some((value) => this.#values.times(value) === 0) ||
      features.some((feature) => isCore(feature) && this.#features.times(feature) === 0)
    )
  }
}

export function isPath({ tables }: Candidate): boolean {
  return tables.length > 2
}

/** By number of the feature: those of the core come first. */
function isCore(feature: number): boolean {
  return feature < CORE_FEATURES.length
}

/** Numbers names from 0 as they come. */
class Numbers {
  readonly #numbers = new Map<string, number>()

  constructor(first: readonly string[] = []) {
    this.ofAll(first)
  }

  of(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(name, number)
    return number
  }

  ofAll(names: readonly string[]): readonly number[] {
    return names.map((name) => this.of(name))
  }
}

/** How often each of many names was seen, by its number. */
class Tally {
  readonly #times: number[] = []

  add(numbers: readonly number[]): void {
    for (const number of numbers) this.#times[number] = this.times(number) + 1
  }

  times(number: number): number {
    return this.#times[number] ?? 0
  }
}
