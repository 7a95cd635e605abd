import type { Source } from '../../platform/source.ts'
import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Avoided } from '../catalog/avoided.ts'
import { type Catalog, displayName } from '../catalog/catalog.ts'
import { fileNameOf } from '../documents/file-name.ts'
import type { Pair } from '../pair.ts'
import { foreignKeyName, measureCoverage } from './coverage.ts'
import { factsOf, type Looked, lookUpKeys, lookUpLiterals, type RelationFacts } from './quality-data.ts'
import { documentFaults } from './quality-documents.ts'
import { type ComparedLiteral, distinctLiterals } from './quality-literals.ts'
import { type PairReading, readPairs } from './quality-reading.ts'

const LITERALS = 40 // looked up by one statement
const LITERALS_MAX = 4_000 // of one run: some hundred statements

/** What the report needs to judge pairs by. */
export interface MeasuredData {
  readonly readings: readonly PairReading[]
  readonly facts: ReadonlyMap<string, RelationFacts>
  readonly documentFaults: ReturnType<typeof documentFaults>
  readonly literals: readonly Looked<ComparedLiteral>[]
  /** How many there are; no more than a bounded number is looked up. */
  readonly literalsFound: number
  readonly unmatchedKeys: ReadonlySet<string>
}

export interface MeasureTools {
  readonly source: Source
  readonly parser: SqlParser
  readonly catalog: Catalog
  /** Relations that an earlier step has found to be kept away from. */
  readonly avoided: Avoided
}

/** The part of a step that remembers what was done, and the files of its task. */
export interface MeasureContext {
  forEachItem<Item, Result>(
    items: readonly Item[],
    key: (item: Item) => string,
    work: (item: Item) => Promise<Result>,
    options: { share: readonly [from: number, to: number] },
  ): Promise<Result[]>
  readFile(name: string): Promise<string | null>
}

/** Looks up in the data, and in the files of the task, what the report needs to judge the pairs by. */
export async function measureData(
  { source, parser, catalog, avoided }: MeasureTools,
  context: MeasureContext,
  pairs: readonly Pair[],
  [from, to]: readonly [from: number, to: number],
): Promise<MeasuredData> {
  const at = (share: number) => from + (to - from) * share
  const looked = await context.forEachItem(
    catalog.relations,
    (relation) => `quality:${displayName(relation)}`,
    async (relation) => {
      const ddl = await context.readFile(fileNameOf(relation, '.ddl', catalog.relations))
      const document = await context.readFile(fileNameOf(relation, '_detail.md', catalog.relations))
      const facts = await factsOf(source, catalog, relation, avoided[displayName(relation)])
      return { facts, faults: documentFaults(relation, ddl, document) }
    },
    { share: [at(0), at(0.5)] },
  )
  const readings = await readPairs(parser, catalog, pairs)
  const all = distinctLiterals(readings)
  const some = all.slice(0, LITERALS_MAX)
  const answers = await context.forEachItem(
    Array.from({ length: Math.ceil(some.length / LITERALS) }, (_, index) => index * LITERALS),
    (start) => `literals:${start}`,
    async (start) => (await lookUpLiterals(source, some.slice(start, start + LITERALS))).map((answer) => answer.found),
    { share: [at(0.5), at(0.9)] },
  )
  const statements = pairs.map(({ sql }) => sql)
  const { missing } = (await measureCoverage(parser, catalog, statements)).foreignKeys
  const unjoined = catalog.foreignKeys.filter((key) => missing.some(({ name }) => name === foreignKeyName(key)))
  const [unmatched = []] = await context.forEachItem(
    ['keys'],
    (item) => item,
    async () =>
      (await lookUpKeys(source, unjoined)).filter((key) => key.found === false).map(({ item }) => foreignKeyName(item)),
    { share: [at(0.9), at(1)] },
  )
  const given = answers.flat()
  return {
    readings,
    facts: new Map(looked.map(({ facts }) => [facts.name, facts])),
    documentFaults: looked.flatMap(({ faults }) => faults),
    literals: some.map((item, index) => ({ item, found: given[index] ?? null })),
    literalsFound: all.length,
    unmatchedKeys: new Set(unmatched),
  }
}
