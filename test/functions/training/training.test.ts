import { describe, expect, test } from 'vitest'
import { documentationItem, pairItem } from '../../../shared/dataset/training/items.ts'
import { insertItems } from '../../../shared/dataset/training/store.ts'
import { functionKit } from '../../support/function-kit.ts'

const TRAINING = '/api/v0/training'
const kit = functionKit()

interface Answer<T> {
  data: T
}
interface Item {
  id: string
  kind: string
  document: string
}

async function load(): Promise<void> {
  const { store, embedder, clock } = kit.platform
  const items = [
    await pairItem('chinook', {
      question: 'How many albums are there?',
      sql: 'select count(*) from album',
      tables: ['album'],
    }),
    await pairItem('chinook', {
      question: 'Which artists have no album?',
      sql: 'select 1',
      tables: ['artist', 'album'],
    }),
    await documentationItem('northwind', 'orders', '# orders\nWhat customers have bought.'),
  ]
  const vectors = await embedder.embed(items.map(({ embeddedText }) => embeddedText))
  const embedded = items.map((item, index) => ({ item, vector: vectors[index] ?? [] }))
  await insertItems(store, embedded, { taskId: 'task_1', model: embedder.model, at: clock.now() })
}

const search = async (body: Record<string, unknown>) => await kit.send('POST', `${TRAINING}/search`, { body })

describe('the training store', () => {
  test('finds the pair that answers a question first', async () => {
    await load()
    const answer = await search({ question: 'How many albums are there?' })
    const { data } = (await answer.json()) as Answer<{ sql: Item[]; ddl: Item[]; documentation: Item[] }>
    expect(data.sql[0]).toMatchObject({
      kind: 'sql',
      db_name: 'chinook',
      task_id: 'task_1',
      tables: ['album'],
      document: '{"question":"How many albums are there?","sql":"select count(*) from album"}',
      similarity: expect.closeTo(1, 3),
    })
    expect(data.ddl).toEqual([])
  })

  test('searches only the kinds and the source that are asked for', async () => {
    await load()
    const kinds = (await (await search({ question: 'orders', kinds: ['documentation'] })).json()) as Answer<{
      sql: Item[]
      documentation: Item[]
    }>
    expect([kinds.data.sql.length, kinds.data.documentation.length]).toEqual([0, 1])
    const source = (await (await search({ question: 'albums', db_name: 'northwind' })).json()) as Answer<{
      sql: Item[]
    }>
    expect(source.data.sql).toEqual([])
  })

  test.each([
    ['no question', {}, 'question'],
    ['an unknown kind', { question: 'x', kinds: ['pairs'] }, 'kinds[0]'],
    ['an unknown field', { question: 'x', top: 3 }, 'top'],
  ])('refuses a search with %s', async (_, body, field) => {
    const answer = await search(body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path: field }] })
  })

  test('counts what it holds by kind and source', async () => {
    await load()
    const { data } = await kit.read<Answer<Record<string, unknown>>>(`${TRAINING}/stats`)
    expect(data).toMatchObject({
      total: 3,
      embedding_model: 'tiny',
      counts: [
        { kind: 'documentation', db_name: 'northwind', items: 1, updated_at: '2025-06-27T14:30:52' },
        { kind: 'sql', db_name: 'chinook', items: 2 },
      ],
    })
  })

  test('lists its items by cursor and filter', async () => {
    await load()
    const first = await kit.read<Answer<{ items: Item[]; next_cursor: string }>>(`${TRAINING}/items?limit=2`)
    const rest = await kit.read<Answer<{ items: Item[]; next_cursor: null }>>(
      `${TRAINING}/items?limit=2&cursor=${first.data.next_cursor}`,
    )
    expect([first.data.items.length, rest.data.items.length, rest.data.next_cursor]).toEqual([2, 1, null])
    const artists = await kit.read<Answer<{ items: Item[] }>>(`${TRAINING}/items?kind=sql&table=artist`)
    expect(artists.data.items).toMatchObject([{ kind: 'sql', tables: ['artist', 'album'], embedding_model: 'tiny' }])
  })

  test('forgets an item once', async () => {
    await load()
    const { data } = await kit.read<Answer<{ items: Item[] }>>(`${TRAINING}/items?kind=documentation`)
    const path = `${TRAINING}/items/${data.items[0]?.id}`
    expect((await kit.send('DELETE', path)).status).toBe(200)
    const again = await kit.send('DELETE', path)
    expect(again.status).toBe(404)
    expect(await again.json()).toMatchObject({ code: 'training_item_not_found' })
    expect((await kit.read<Answer<{ total: number }>>(`${TRAINING}/stats`)).data.total).toBe(2)
  })
})
