import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DigestLimits, digestsOf } from '../../../../shared/dataset/validation/digests.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'

const LIMITS: DigestLimits = { costMax: 200_000, timeoutMs: 10_000 }
const GOOD = ['select n from numbers order by n', 'select n from numbers order by n desc', 'select n + 1 from numbers']
const FAILING = ['select n from numbers', 'select 1 / (n - n) from numbers', 'select count(*) from numbers']
const DEAR = ['select count(*) from generate_series(1, 100000000) a', 'select 1']

describe('digests of many statements', () => {
  let database: TestSource
  let asked: string[]
  const digests = (groups: readonly (readonly string[])[], limits = LIMITS) => {
    asked = []
    const read: TestSource['source']['read'] = (sql, options) => {
      asked.push(sql)
      return database.source.read(sql, options)
    }
    return withTrees(groups).then((variants) => digestsOf({ ...database.source, read }, variants, limits))
  }
  beforeAll(async () => {
    database = await openPgliteSource()
    await database.script('create table numbers (n int); insert into numbers select generate_series(1, 50)')
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('come with one statement where none fails', async () => {
    const [first, second] = await digests([GOOD, ['select 2', 'select 3']])
    expect(asked).toHaveLength(1)
    expect(first?.map((digest) => digest?.rows)).toEqual([50, 50, 50])
    expect(first?.[0]?.content).toBe(first?.[1]?.content)
    expect(first?.[0]?.sequence).not.toBe(first?.[1]?.sequence)
    expect(second?.map((digest) => digest?.toldRows)).toEqual([1, 1])
  })

  test('are the same whatever fails or is too dear beside them', async () => {
    const [[good], [failing]] = [await digests([GOOD]), await digests([FAILING])]
    const together = await digests([GOOD, FAILING, DEAR, GOOD])
    expect(together).toEqual([good, failing, [null, null], good])
    expect(failing?.map((digest) => digest?.rows ?? null)).toEqual([50, null, 1])
  })

  test('are asked in several statements where one would grow too long', async () => {
    const long = Array.from({ length: 40 }, (_, index) => [`select '${'x'.repeat(4_000)}${index}' as text`])
    expect((await digests(long)).every(([digest]) => digest?.rows === 1)).toBe(true)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.every((sql) => sql.length < 70_000)).toBe(true)
  })
})

async function withTrees(groups: readonly (readonly string[])[]) {
  const parser = pgQueryParser()
  return await Promise.all(
    groups.map(async (statements) => ({ tree: await parser.parse(statements[0] ?? ''), statements })),
  )
}
