import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Catalog, displayName } from '../../../../shared/dataset/catalog/catalog.ts'
import type { TableProfile } from '../../../../shared/dataset/catalog/profile.ts'
import { profileTable } from '../../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import type { Candidate } from '../../../../shared/dataset/questions/classify.ts'
import { CORE_FEATURES } from '../../../../shared/dataset/questions/features.ts'
import { generatePairs } from '../../../../shared/dataset/questions/generate-pairs.ts'
import type { Language } from '../../../../shared/dataset/questions/labels.ts'
import { selectPairs } from '../../../../shared/dataset/questions/select-pairs.ts'
import { planTopics } from '../../../../shared/dataset/questions/topics.ts'
import { foreignKeyId } from '../../../../shared/dataset/questions/usage.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { type SqlParser, SqlSyntaxError } from '../../../../shared/platform/sql-parser.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'
import { ODD_SCHEMA } from './odd-schema.ts'

const LIMITS = { rowsMax: 1000, bytesMax: 1_000_000, timeoutMs: 10_000 }
const NO_SQL_WORDS = /_|"|'|\b(select\b|join\b|group by|order by|null|distinct|having|count\(|where\b.*=)/i
const sqlParser = pgQueryParser()
let db: TestSource
let catalog: Catalog
const profiles = new Map<string, TableProfile>()

beforeAll(async () => {
  db = await openPgliteSource()
  await db.script(ODD_SCHEMA)
  catalog = await readCatalog(db.source)
  for (const relation of catalog.relations) profiles.set(displayName(relation), await profileTable(db.source, relation))
}, 60_000)
afterAll(() => db?.[Symbol.asyncDispose]())

async function generated(language: Language, parser: SqlParser = sqlParser): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const topic of planTopics(catalog, profiles)) {
    candidates.push(...(await generatePairs(catalog, profiles, topic, { language, seed: 7, sqlParser: parser })))
  }
  return candidates
}

test('every pair runs and, where its tables have rows, answers something', { timeout: 60_000 }, async () => {
  const unanswered: string[] = []
  for (const { sql, onEmptyTable } of await generated('en')) {
    const { rows } = await db.source.read(sql, LIMITS)
    const says = rows.some((row) => Object.values(row).some((value) => value !== null))
    if (!says && onEmptyTable !== true) unanswered.push(sql)
  }
  expect(unanswered).toEqual([])
})

test('no question of the grammar has a statement that does not parse', async () => {
  const { parse, fingerprint } = sqlParser
  const broken: string[] = []
  const watched: SqlParser = {
    fingerprint,
    parse: (sql) =>
      parse(sql).catch((error: unknown) => {
        broken.push(sql)
        throw error
      }),
  }
  await generated('en', watched)
  expect(broken).toEqual([])
})

test('a statement that does not parse is left out, and what is no syntax error ends the run', async () => {
  const failing = (error: Error): SqlParser => ({
    ...sqlParser,
    parse: (sql) => (sql.includes('SUM') ? Promise.reject(error) : sqlParser.parse(sql)),
  })
  const pairs = await generated('en', failing(new SqlSyntaxError('syntax error', 7)))
  expect(pairs.length).toBeGreaterThan(100)
  expect(pairs.filter(({ sql }) => sql.includes('SUM'))).toEqual([])
  await expect(generated('en', failing(new Error('out of memory')))).rejects.toThrow('out of memory')
})

test('there are as many pairs in Chinese as in English', async () => {
  expect((await generated('zh')).length).toBe((await generated('en')).length)
})

test('the same seed gives byte-identical pairs', async () => {
  expect(JSON.stringify(await generated('zh'))).toBe(JSON.stringify(await generated('zh')))
})

test('topics are JSON, have keys of their own, and leave out what cannot be read', () => {
  const topics = planTopics(catalog, profiles)
  expect(JSON.parse(JSON.stringify(topics))).toEqual(topics)
  expect(new Set(topics.map(({ key }) => key)).size).toBe(topics.length)
  expect(topics.some(({ key }) => key.includes('unfilled'))).toBe(false)
  expect(topics.find(({ key }) => key === 'relation:nothing')?.onEmptyTable).toBe(true)
})

describe.each<Language>(['zh', 'en'])('the choice in %s', (language) => {
  let pairs: Candidate[]
  beforeAll(async () => {
    pairs = selectPairs(await generated(language), catalog)
  })
  const filled = () => pairs.filter(({ onEmptyTable }) => onEmptyTable !== true)

  test('names every table with rows, and every column of it at least three times', () => {
    const named = filled().flatMap(({ columns }) => columns)
    const columns = catalog.relations
      .filter((relation) => (profiles.get(displayName(relation))?.rows ?? 0) > 0)
      .flatMap((relation) => relation.columns.map(({ name }) => `${displayName(relation)}.${name}`))
    expect(columns.filter((column) => named.filter((one) => one === column).length < 3)).toEqual([])
  })

  test('joins every foreign key with rows: composite, self, cross-schema, and two to one table', () => {
    const joined = new Set(filled().flatMap(({ foreignKeys }) => foreignKeys))
    const keys = catalog.foreignKeys.filter(({ from }) => from.name !== 'nothing').map(foreignKeyId)
    expect(keys.filter((key) => !joined.has(key))).toEqual([])
  })

  test('shows all forty features and a quarter of each level', () => {
    const features = new Set(filled().flatMap(({ features }) => features))
    expect(CORE_FEATURES.filter((feature) => !features.has(feature))).toEqual([])
    for (const level of ['easy', 'medium', 'hard', 'extra']) {
      const share = filled().filter(({ hardness }) => hardness === level).length / filled().length
      expect(share).toBeGreaterThan(0.2)
      expect(share).toBeLessThan(0.3)
    }
  })

  test('repeats no question and no statement', () => {
    expect(new Set(pairs.map(({ question }) => question)).size).toBe(pairs.length)
    expect(new Set(pairs.map(({ fingerprint }) => fingerprint)).size).toBe(pairs.length)
  })

  test('asks without identifiers, quotes and SQL words, but for values as they are', () => {
    const odd = pairs.filter(({ question }) => NO_SQL_WORDS.test(question.replaceAll('silver_plus', '')))
    expect(odd.map(({ question }) => question)).toEqual([])
  })

  test('says every literal of a filter in the question', () => {
    const silent = filled().filter(({ sql, question }) => {
      const where = / WHERE (.*?)( GROUP BY | ORDER BY | LIMIT |\) |$)/.exec(sql)?.[1] ?? ''
      const literals = [...where.matchAll(/'([^']+)'|[<>=] (\d[\d.]*)/g)].map((match) => match[1] ?? match[2] ?? '')
      const words = literals
        .filter((literal) => literal !== 'english')
        .map((literal) => literal.replaceAll(/[%^]|(?<=\d) days/g, ''))
      return words.some((word) => !question.includes(word))
    })
    expect(silent.map(({ sql, question }) => `${question} ${sql}`)).toEqual([])
  })

  test('marks pairs on empty tables, and puts them last', () => {
    const empty = pairs.filter(({ onEmptyTable }) => onEmptyTable === true)
    expect(empty.length).toBeGreaterThan(0)
    expect(pairs.slice(-empty.length)).toEqual(empty)
  })
})
