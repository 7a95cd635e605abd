import { describe, expect, test } from 'vitest'
import type { Candidate } from '../../../../shared/dataset/questions/classify.ts'
import { keptOfPart, selectPairs } from '../../../../shared/dataset/questions/select-pairs.ts'
import { catalog, column, relation } from '../../../support/catalog-factory.ts'

const shop = catalog([relation('orders', [column('id'), column('state')])])

describe('the candidates of a part of the topics', () => {
  test('are all kept where all parts together are few', () => {
    expect(keptOfPart(candidates(300), shop, 0.05)).toHaveLength(300)
  })

  test('are thinned out where all parts together would be too many, without losing a column', () => {
    const kept = keptOfPart(candidates(300), shop, 0.005)
    expect(kept.length).toBeGreaterThanOrEqual(60)
    expect(kept.length).toBeLessThanOrEqual(Math.ceil(60 * 1.4 * 1.15 * 1.1)) // what covers, what restores the mix, and what nothing else covers
    expect(new Set(kept.flatMap(({ columns }) => columns))).toEqual(new Set(['orders.id', 'orders.state']))
  })
})

test('what nothing else covers finds a place where the rest has used up its own', () => {
  const all = candidates(100).map((one, at) => ({ ...one, columns: [`orders.column ${at}`] }))
  const chosen = selectPairs(all, shop, { total: 10, spare: ({ id }) => id === 'id-99' })
  expect(chosen.length).toBeLessThan(20)
  expect(chosen.map(({ id }) => id)).toContain('id-99')
})

test('what only fills up is taken where the rest is too few, and for what the rest leaves out', () => {
  const filler = ({ id }: Candidate) => Number(id.slice('id-'.length)) >= 8
  const few = selectPairs(candidates(20), shop, { total: 12, filler })
  expect(few.filter((one) => !filler(one))).toHaveLength(8)
  expect(few.filter(filler).length).toBeGreaterThanOrEqual(4)
  const enough = selectPairs(candidates(20), shop, { total: 8, filler })
  expect(enough.slice(0, 8).filter(filler)).toEqual([])
  expect(enough[8]?.id).toBe('id-19') // the only one with the column state
})

function candidates(count: number): Candidate[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `id-${index}`,
    question: `Question ${index}`,
    sql: `select ${index}`,
    tables: ['orders'],
    features: [],
    hardness: 'easy',
    language: 'en',
    columns: [index === count - 1 ? 'orders.state' : 'orders.id'],
    foreignKeys: [],
    fingerprint: `fingerprint-${index}`,
    shape: 'list',
    topic: 'relation:orders',
  }))
}
