import { expect, test } from 'vitest'
import type { Candidate } from '../../../../shared/dataset/questions/classify.ts'
import { standingOf } from '../../../../shared/dataset/questions/standing.ts'
import type { Loaded, LoadedPair } from '../../../../shared/dataset/training/loaded.ts'

const TABLES = ['orders', 'customer', 'item']
const CANDIDATES = [
  candidate('orders-1', ['orders']),
  candidate('orders-2', ['orders']),
  candidate('customer-1', ['customer']),
  candidate('customer-2', ['customer']),
  candidate('both-1', ['orders', 'customer']),
  candidate('item-1', ['item']),
]
const ALL = CANDIDATES.map(loadedAs)

test('where nothing is loaded every candidate may be taken, as many as are usual', () => {
  const standing = standingOf({ tables: [], pairs: [] }, CANDIDATES, TABLES)
  expect(standing.candidates).toEqual(CANDIDATES)
  expect(standing.total).toBeUndefined()
  expect(CANDIDATES.filter((one) => standing.stays(one) || standing.rests(one))).toEqual([])
})

test('where nothing has changed only what is loaded is left to choose', () => {
  const some = ALL.filter(({ id }) => !id.endsWith('-2'))
  expect(ids(standingOf({ tables: TABLES, pairs: some }, CANDIDATES, TABLES).candidates)).toEqual(
    some.map(({ id }) => id),
  )
})

const FIRST = ALL.filter(({ id }) => !id.endsWith('-2'))

test.each<[string, Loaded, readonly string[]]>([
  ['whose DDL has changed', { tables: ['customer', 'item'], pairs: FIRST }, ['orders-2']],
  [
    'of which a loaded pair would not be drawn again',
    { tables: TABLES, pairs: [...FIRST, { id: 'customer-0', tables: ['customer'], generated: true }] },
    ['customer-2'],
  ],
  [
    'of which no pair is loaded',
    { tables: TABLES, pairs: FIRST.slice(0, 1) },
    ['customer-1', 'customer-2', 'both-1', 'item-1'],
  ],
])('new pairs are for a table %s', (_, loaded, free) => {
  const standing = standingOf(loaded, CANDIDATES, TABLES)
  expect(ids(standing.candidates.filter((one) => !standing.stays(one) && !standing.rests(one)))).toEqual(free)
})

test('pairs of people and of models, or in another language, do not make a table look changed', () => {
  const other: LoadedPair = { id: 'customer-0', tables: ['customer'], generated: false }
  const standing = standingOf({ tables: TABLES, pairs: [...FIRST, other] }, CANDIDATES, TABLES)
  expect(ids(standing.candidates)).toEqual(FIRST.map(({ id }) => id))
})

test('a pair over several tables that is gone lets what it covered be covered anew, but makes no table look changed', () => {
  const gone: LoadedPair = { id: 'both-0', tables: ['orders', 'customer'], generated: true }
  const standing = standingOf({ tables: TABLES, pairs: [...FIRST, gone] }, CANDIDATES, TABLES)
  expect(ids(standing.candidates.filter(standing.rests))).toEqual(['orders-2', 'customer-2'])
})

test('a table more has room for its own pairs, and a table less gives its room back', () => {
  const many = Array.from({ length: 150 }, (_, index) => candidate(`many-${index}`, ['orders']))
  const pairs = [...many.map(loadedAs), { id: 'old', tables: ['dropped'], generated: true }]
  const total = (tables: readonly string[]) => standingOf({ tables: ['orders'], pairs }, many, tables).total
  expect(total(['orders'])).toBe(150)
  expect(total(['orders', 'added'])).toBe(162)
})

test('the pairs of a model stay in the choice whatever is loaded', () => {
  const asked: Candidate = { ...candidate('asked', ['orders']), origin: 'llm' }
  const standing = standingOf({ tables: TABLES, pairs: FIRST }, [asked, ...CANDIDATES], TABLES)
  expect(ids(standing.candidates)).toEqual(['asked', ...FIRST.map(({ id }) => id)])
})

function ids(candidates: readonly Candidate[]): readonly string[] {
  return candidates.map(({ id }) => id)
}

function loadedAs({ id, tables }: Candidate): LoadedPair {
  return { id, tables, generated: true }
}

function candidate(id: string, tables: readonly string[]): Candidate {
  return {
    id,
    tables,
    question: id,
    sql: id,
    features: [],
    hardness: 'easy',
    language: 'en',
    origin: 'generator',
    columns: [],
    foreignKeys: [],
    fingerprint: id,
    shape: 'list',
    topic: `relation:${tables[0]}`,
  }
}
