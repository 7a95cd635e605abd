import { describe, expect, test } from 'vitest'
import { documentationItem, pairItem } from '../../../../shared/dataset/training/items.ts'
import { planLoad } from '../../../../shared/dataset/training/load.ts'
import type { ExistingItem } from '../../../../shared/dataset/training/loaded-store.ts'
import { fuseRanks } from '../../../../shared/dataset/training/search.ts'
import { searchWords } from '../../../../shared/dataset/training/search-words.ts'
import type { RankedItem } from '../../../../shared/dataset/training/store.ts'

const pair = { question: '有多少？', sql: 'select 1', tables: ['a'] }

test('an id is made of kind, source and content, and says its kind', async () => {
  const item = await pairItem('shop', pair)
  expect(item.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}-sql$/)
  expect((await pairItem('shop', pair)).id).toBe(item.id)
  expect((await pairItem('other', pair)).id).not.toBe(item.id)
})

test('a pair is stored with two texts and nothing else', async () => {
  expect(JSON.parse((await pairItem('shop', pair)).document)).toEqual({ question: '有多少？', sql: 'select 1' })
})

test('the same item twice in one load is inserted once', async () => {
  const item = await pairItem('shop', pair)
  const plan = planLoad([item, item], [], { tables: ['a'], sourceTables: ['a'] })
  expect(plan).toEqual({ insert: [item], unchanged: 0, staleIds: [] })
})

test.each([
  ['splits identifiers', 'InvoiceLine.unit_price', ['invoice', 'line', 'unit', 'price']],
  ['keeps acronyms whole', 'HTTPServerURL', ['http', 'server', 'url']],
  ['takes Chinese by two characters, spelt in ASCII', '客户表', ['u5ba2u6237', 'u6237u8868']],
  ['reads full-width letters and accents', 'Ｃａｆé', ['cafe']],
])('a search %s', (_, text, words) => expect(searchWords(text)).toEqual(words))

test('what both rankings know comes before what one knows, and the same question before all', () => {
  const hit = (id: string, measure = 0.5): RankedItem => ({
    id,
    kind: 'sql',
    source: 's',
    taskId: 't',
    tables: [],
    document: '',
    measure,
  })
  const both = fuseRanks([
    [hit('a'), hit('b')],
    [hit('b'), hit('c')],
  ])
  expect(both.map(({ id }) => id)).toEqual(['b', 'a', 'c'])
  expect(both.map(({ similarity }) => similarity)).toEqual([0.5, 0.5, null])
  const same = fuseRanks([
    [hit('a', 1), hit('b')],
    [hit('b'), hit('c'), hit('a')],
  ])
  expect(same[0]?.id).toBe('a')
})

describe('where only the rows of a table have changed', () => {
  const scope = { tables: ['a', 'b'], sourceTables: ['a', 'b', 'c'] }
  const generated = { origin: 'generator', language: 'zh' } as const
  const existing = (id: string, changes: Partial<ExistingItem> = {}): ExistingItem => ({
    id,
    kind: 'sql',
    tables: ['a'],
    embeddingModel: 'm',
    ...generated,
    ...changes,
  })
  const loaded = [
    existing('gone'),
    existing('of a person', { origin: 'person' }),
    existing('in another language', { language: 'en' }),
    existing('of another table', { tables: ['b'] }),
    existing('beyond this task', { tables: ['a', 'c'] }),
    existing('of old times', { origin: null, language: null }),
    existing('old document', { kind: 'documentation', origin: null, language: null }),
  ]

  test('those pairs go that the generator would not write again, and the old document', async () => {
    const again = await pairItem('shop', { ...pair, ...generated })
    const items = [again, await documentationItem('shop', 'a', 'other rows')]
    const plan = planLoad(items, [...loaded, existing(again.id)], scope)
    expect(plan.staleIds).toEqual(['gone', 'old document'])
    expect(plan.unchanged).toBe(1)
  })

  test('every pair stays where the generator has not written', async () => {
    const plan = planLoad([await documentationItem('shop', 'a', 'other rows')], loaded, scope)
    expect(plan.staleIds).toEqual(['old document'])
  })
})
