import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hardness } from '../../../../shared/dataset/pair.ts'
import type { Candidate } from '../../../../shared/dataset/questions/classify.ts'
import { chooseProven, type Verdict, verdictsOf } from '../../../../shared/dataset/questions/prove-pairs.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalog, column, relation } from '../../../support/catalog-factory.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'

const shop = catalog([relation('orders', [column('id'), column('state'), column('note')])])
const LEVELS: readonly Hardness[] = ['easy', 'medium', 'hard', 'extra']

describe('choosing by proof', () => {
  test('takes others for what is blunt or empty, while there are others', async () => {
    const verdicts = (id: string): Verdict =>
      numberOf(id) % 7 === 0 ? 'blunt' : numberOf(id) % 7 === 1 ? 'empty' : 'sharp'
    const { chosen } = await choose(candidates(400), verdicts, 60)
    expect(chosen).toHaveLength(60)
    expect(new Set(chosen.map(({ id }) => verdicts(id)))).toEqual(new Set(['sharp']))
  })

  test('keeps a blunt pair where nothing else covers its column, and never an empty one', async () => {
    const given = candidates(200).map((candidate, index) => {
      if (index === 7) return { ...candidate, columns: ['orders.state'] }
      return index === 8 ? { ...candidate, columns: ['orders.note'] } : candidate
    })
    const { chosen } = await choose(given, (id) => (id === 'id-7' ? 'blunt' : id === 'id-8' ? 'empty' : 'sharp'))
    expect(chosen.map(({ id }) => id)).toContain('id-7')
    expect(chosen.map(({ id }) => id)).not.toContain('id-8')
  })

  test('proves no pair twice, a bounded number of pairs, and none that reads an empty table', async () => {
    const many = candidates(3_100).map((candidate) => ({
      ...candidate,
      onEmptyTable: numberOf(candidate.id) % 10 === 0,
    }))
    const { asked, rounds } = await choose(many, () => 'blunt', 1_000)
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBeLessThanOrEqual(1_400)
    expect(rounds).toBeLessThanOrEqual(3)
    expect(asked.filter((id) => numberOf(id) % 10 === 0)).toEqual([])
  })

  test('is the same whenever the verdicts are', async () => {
    const verdicts = (id: string): Verdict => (numberOf(id) % 4 === 0 ? 'blunt' : 'sharp')
    const [one, other] = [await choose(candidates(900), verdicts), await choose(candidates(900), verdicts)]
    expect(other).toEqual(one)
  })

  test('avoids kinds of question of which most were blunt, before each is proved', async () => {
    const given = candidates(900).map((candidate, index) => ({ ...candidate, shape: index % 2 === 0 ? 'odd' : 'list' }))
    const verdicts = (id: string): Verdict => (numberOf(id) % 2 === 0 ? 'blunt' : 'sharp')
    const { asked } = await choose(given, verdicts, 60)
    expect(asked.filter((id) => verdicts(id) === 'blunt').length).toBeLessThan(40)
  })
})

describe('the verdict of the source', () => {
  let database: TestSource
  const tools = () => ({
    source: database.source,
    parser: pgQueryParser(),
    catalog: shop,
    deniedFunctions: new Set(['noisy']),
  })
  beforeAll(async () => {
    database = await openPgliteSource()
    await database.script(`create table orders (id int primary key, state text, note text);
      insert into orders select g, case when g < 4 then 'open' else 'late' end, null from generate_series(1, 9) g`)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test.each<[Verdict, string]>([
    ['sharp', "select count(*) from orders where state = 'open'"],
    ['blunt', 'select count(*) from orders where id > -7'],
    ['blunt', 'select id from orders order by note limit 20'],
    ['empty', "select id from orders where state = 'lost'"],
    ['empty', 'select max(note) from orders'],
    ['unknown', 'select nothing from orders'],
    ['unknown', 'delete from orders'],
    ['unknown', 'select noisy(1)'],
    ['sharp', 'select id, id as id from orders order by id; -- all of them'],
  ])('is "%s" for: %s', async (verdict, sql) => {
    expect((await verdictsOf(tools(), [{ sql }]))[0]).toBe(verdict)
  })

  test('tells orders apart by the whole result, however long', async () => {
    const sql = 'select n from generate_series(1, 20000) as n where n <> 20000'
    expect((await verdictsOf(tools(), [{ sql }]))[0]).toBe('sharp')
  })
})

async function choose(given: readonly Candidate[], verdicts: (id: string) => Verdict, total?: number) {
  const asked: string[] = []
  let rounds = 0
  const chosen = await chooseProven(
    given,
    shop,
    async (_, pairs) => {
      rounds++
      asked.push(...pairs.map(({ id }) => id))
      return pairs.map(({ id }) => verdicts(id))
    },
    total === undefined ? {} : { total },
  )
  return { chosen, asked, rounds }
}

function numberOf(id: string): number {
  return Number(id.replace('id-', ''))
}

function candidates(count: number): Candidate[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `id-${index}`,
    question: `Question ${index}`,
    sql: `select ${index}`,
    tables: ['orders'],
    features: [],
    hardness: LEVELS[index % 4] ?? 'easy',
    language: 'en',
    columns: ['orders.id'],
    foreignKeys: [],
    fingerprint: `fingerprint-${index}`,
    shape: `shape-${index % 400}`,
    topic: 'relation:orders',
  }))
}
