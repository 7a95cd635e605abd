import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sentenceEmbedder } from '../../../../local/drivers/sentence-embedder.ts'
import { ddlItem, documentationItem, pairItem, type TrainingItem } from '../../../../shared/dataset/training/items.ts'
import { type LoadScope, loadItems } from '../../../../shared/dataset/training/load.ts'
import { deleteItem, listItems, searchTraining, trainingStats } from '../../../../shared/dataset/training/search.ts'
import { vectorKind } from '../../../../shared/dataset/training/store.ts'
import type { Embedder } from '../../../../shared/platform/embedder.ts'
import type { Store } from '../../../../shared/platform/store.ts'
import { tinyEmbedder } from '../../../support/tiny-embedder.ts'
import { TRAINING_STORES } from '../../../support/training-stores.ts'

const AT = new Date('2025-06-27T14:30:52Z')
const SCOPE: LoadScope = { tables: ['customer', 'track'], sourceTables: ['customer', 'track'] }
const QUESTIONS = [
  ['How many customers live in each country?', 'select country, count(*) from customer group by country', 'customer'],
  ['What are the five longest tracks?', 'select name from track order by milliseconds desc limit 5', 'track'],
  ['每个国家有多少客户？', 'select country, count(*) from customer group by country order by 1', 'customer'],
  ['单价最高的曲目是哪些？', 'select name from track order by unit_price desc limit 1', 'track'],
] as const

async function items(
  customerDdl = 'create table customer (customer_id integer, country text)',
): Promise<TrainingItem[]> {
  const pairs = QUESTIONS.map(([question, sql, table]) => pairItem('shop', { question, sql, tables: [table] }))
  return await Promise.all([
    ...pairs,
    ddlItem('shop', 'customer', customerDdl),
    ddlItem(
      'shop',
      'track',
      'create table track (track_id integer, name text, unit_price numeric, milliseconds integer)',
    ),
    documentationItem('shop', 'customer', '# customer 客户\nOne row for each person who buys, with country'),
    documentationItem('shop', 'track', '# track 曲目\nOne row for each piece of music, with length and price'),
  ])
}

function counting(embedder: Embedder): Embedder & { readonly texts: string[] } {
  const texts: string[] = []
  const embed: Embedder['embed'] = async (given, signal) => {
    texts.push(...given)
    return await embedder.embed(given, signal)
  }
  return { model: embedder.model, dimension: embedder.dimension, texts, embed }
}

describe.each(TRAINING_STORES)('on a store that is %s', (name, open) => {
  let store: Store
  const embedder = sentenceEmbedder()
  const load = async (loaded: readonly TrainingItem[], by: Embedder = embedder, scope = SCOPE, taskId = 'task_1') =>
    await loadItems(store, by, { source: 'shop', taskId, items: loaded, scope, at: AT })

  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())
  beforeEach(() => store.query('delete from langchain_pg_embedding'))

  test('the kind of vectors is known', async () => {
    if (name !== 'server') expect(await vectorKind(store)).toBe(name.includes('without') ? 'real[]' : 'vector')
    expect(['vector', 'real[]']).toContain(await vectorKind(store))
  })

  test('loading twice inserts, updates and embeds nothing the second time', async () => {
    expect(await load(await items())).toEqual({ inserted: 8, unchanged: 0, removed: 0, reembedded: 0 })
    const before = await store.query('select * from training_items order by id')
    const second = counting(embedder)
    expect(await load(await items(), second, SCOPE, 'task_2')).toEqual({
      inserted: 0,
      unchanged: 8,
      removed: 0,
      reembedded: 0,
    })
    expect(second.texts).toEqual([])
    expect((await store.query('select * from training_items order by id')).rows).toEqual(before.rows)
  })

  test('a changed table replaces exactly what depends on it', async () => {
    await load(await items())
    const kept = (await items()).filter((item) => item.tables.includes('track'))
    const changed = await items('create table customer (customer_id integer, country text, city text)')
    const [first] = changed
    const again = changed.filter((item) => item.kind !== 'sql' || item === first)
    expect(await load(again)).toEqual({ inserted: 1, unchanged: 4, removed: 2, reembedded: 0 })
    const { items: left } = await listItems(store, {}, { limit: 100 })
    expect(
      left
        .filter((item) => item.tables.includes('track'))
        .map((item) => item.id)
        .toSorted(),
    ).toEqual(kept.map((item) => item.id).toSorted())
    expect(left.filter((item) => item.tables.includes('customer') && item.kind === 'sql')).toHaveLength(1)
  })

  test('a dropped table takes what depends on it along, and other sources keep theirs', async () => {
    await load(await items())
    const other = await pairItem('other', { question: 'q', sql: 'select 1 from track', tables: ['track'] })
    await loadItems(store, embedder, { source: 'other', taskId: 'task_9', items: [other], scope: SCOPE, at: AT })
    const rest = (await items()).filter((item) => item.tables.includes('customer'))
    expect(await load(rest, embedder, { tables: ['customer'], sourceTables: ['customer'] })).toMatchObject({
      removed: 4,
    })
    expect((await listItems(store, { table: 'track' }, { limit: 10 })).items.map((item) => item.source)).toEqual([
      'other',
    ])
  })

  test('a task about some tables leaves the items of the others alone', async () => {
    await load(await items())
    const part = (await items()).filter((item) => item.tables.includes('customer'))
    expect(await load(part, embedder, { ...SCOPE, tables: ['customer'] })).toMatchObject({ inserted: 0, removed: 0 })
  })

  test('another embedding model embeds everything again, once', async () => {
    await load(await items(), tinyEmbedder())
    const full = counting(embedder)
    expect(await load(await items(), full)).toEqual({ inserted: 0, unchanged: 8, removed: 0, reembedded: 8 })
    expect(full.texts).toHaveLength(8)
    expect(await load(await items(), full)).toMatchObject({ reembedded: 0 })
    const { sql } = await searchTraining(store, embedder, { question: QUESTIONS[0][0] })
    expect(sql[0]?.similarity).toBeCloseTo(1, 3)
  })

  test.each(QUESTIONS)('the question "%s" finds its own pair first', async (question, statement, table) => {
    await load(await items())
    const answer = await searchTraining(store, embedder, { question })
    expect(JSON.parse(answer.sql[0]?.document ?? '{}')).toEqual({ question, sql: statement })
    expect(answer.ddl[0]?.tables).toEqual([table])
  })

  test.each([
    ['Count the clients of every nation', 'customer'],
    ['Which songs cost most?', 'track'],
    ['统计各国客户数量', 'customer'],
    ['列出最贵的曲目', 'track'],
  ])('the question "%s" finds documents about %s first', async (question, table) => {
    await load(await items())
    const answer = await searchTraining(store, embedder, { question, kinds: ['documentation', 'sql'] })
    expect(answer.sql[0]?.tables).toEqual([table])
    expect(answer.documentation[0]?.tables).toEqual([table])
    expect(answer.ddl).toEqual([])
  })

  test('a search stays within its source', async () => {
    await load(await items())
    expect((await searchTraining(store, embedder, { question: 'tracks', source: 'other' })).sql).toEqual([])
  })

  test('Vanna finds, lists and reads what was loaded', async () => {
    await load(await items())
    const [vector] = await embedder.embed([QUESTIONS[1][0]])
    const kind = await vectorKind(store)
    if (kind === 'vector') {
      const { rows } = await store.query<{ document: string }>(
        `select document from langchain_pg_embedding e join langchain_pg_collection c on e.collection_id = c.uuid
          where c.name = 'sql' order by embedding <=> $1 limit 10`,
        [`[${vector?.join(',')}]`],
      )
      expect(JSON.parse(rows[0]?.document ?? '')).toEqual({ question: QUESTIONS[1][0], sql: QUESTIONS[1][1] })
    }
    const { rows } = await store.query<{ id: string; item: string; name: string; cmetadata: Record<string, unknown> }>(
      `select e.id, e.cmetadata ->> 'id' as item, c.name, e.cmetadata
         from langchain_pg_embedding e join langchain_pg_collection c on e.collection_id = c.uuid`,
    )
    const suffixes: Record<string, string> = { sql: '-sql', ddl: '-ddl', documentation: '-doc' }
    for (const row of rows) {
      expect(row.item).toBe(row.id)
      expect(row.id.endsWith(suffixes[row.name] ?? '?')).toBe(true)
      expect(row.cmetadata).toMatchObject({ source: 'shop', task_id: 'task_1' })
    }
    expect(rows).toHaveLength(8)
  })

  test('items are listed by pages, counted and deleted one by one', async () => {
    await load(await items())
    const first = await listItems(store, { kind: 'sql' }, { limit: 3 })
    expect(first.items).toHaveLength(3)
    const rest = await listItems(store, { kind: 'sql' }, { limit: 3, cursor: first.cursor ?? '' })
    expect([rest.items.length, rest.cursor]).toEqual([1, null])
    expect(await trainingStats(store)).toMatchObject({
      total: 8,
      counts: [{ kind: 'ddl', items: 2 }, { kind: 'documentation' }, { kind: 'sql', items: 4 }],
    })
    const [item] = rest.items
    await deleteItem(store, item?.id ?? '')
    await expect(deleteItem(store, item?.id ?? '')).rejects.toMatchObject({ code: 'training_item_not_found' })
    expect((await trainingStats(store)).total).toBe(7)
  })

  test('two loads at once store each item once', async () => {
    const loaded = await items()
    await Promise.all([load(loaded), load(loaded)])
    expect((await trainingStats(store)).total).toBe(8)
  })
})
