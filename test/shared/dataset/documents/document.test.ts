import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Catalog, Relation } from '../../../../shared/dataset/catalog/catalog.ts'
import { profileTable } from '../../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { valuesText } from '../../../../shared/dataset/documents/column-meaning.ts'
import { describeRelation } from '../../../../shared/dataset/documents/describe.ts'
import { renderDocument } from '../../../../shared/dataset/documents/document.ts'
import { spoken } from '../../../../shared/dataset/documents/glossary.ts'
import { detectLanguage } from '../../../../shared/dataset/documents/language.ts'
import { renderMetadata, replayOrder } from '../../../../shared/dataset/documents/metadata.ts'
import type { Llm } from '../../../../shared/platform/llm.ts'
import { NASTY_ROWS, NASTY_SCHEMA } from '../../../support/nasty-schema.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'

let database: TestSource
let catalog: Catalog

beforeAll(async () => {
  database = await openPgliteSource()
  await database.script(NASTY_SCHEMA)
  await database.script(NASTY_ROWS)
  catalog = await readCatalog(database.source)
})
afterAll(() => database[Symbol.asyncDispose]())

test('a document has comments word for word, escaping only what would break its table', async () => {
  const text = await documentOf('Album', 'zh')
  expect(text).toContain('An album; it\'s "quoted" | piped\nwith two lines and a \\ backslash')
  expect(text).toContain("| `Title` | character varying(160) | 专辑标题，不是 '曲目' |")
})

test('a comment that a table can not hold stands below it word for word', async () => {
  const comment = 'one | two\nand a second line'
  const relation = named('album')
  const columns = relation.columns.map((column) => (column.name === 'price' ? { ...column, comment } : column))
  const profile = await profileTable(database.source, relation)
  for (const language of ['en', 'zh'] as const) {
    expect(renderDocument(catalog, { ...relation, columns }, profile, { language })).toContain(
      `- \`price\`: ${comment}`,
    )
  }
})

test('a column whose values are not listed says so', () => {
  const column = { name: 'picture', type: 'bytea', baseType: 'bytea', isArray: false, category: 'U' }
  const rest = { notNull: false, default: null, identity: null, generated: null, comment: null, enumLabels: null }
  const found = { nullShare: 0, distinct: 2, min: null, max: null, values: [], valuesComplete: false, averageLength: 0 }
  expect(valuesText({ ...column, ...rest }, found, 'en')).toBe('binary data, not listed')
  const blank = { ...found, distinct: 1, values: [{ value: '', count: 9 }], valuesComplete: true }
  expect(valuesText({ ...column, ...rest, type: 'text', baseType: 'text' }, blank, 'zh')).toBe('空文本')
})

test('a document tells its relationships both ways', async () => {
  const text = await documentOf('a_store', 'en')
  expect(text).toContain('- `manager_id` references `id` of `z_staff` (many to one)')
  expect(text).toContain('- Referenced by `store_id` of `events` through `id` (one to many), declared on 2 partitions')
  expect(await documentOf('z_staff', 'zh')).toContain('- 本表的 `boss_id` 引用本表 `z_staff` 自身的 `id`，构成层级关系')
  expect(await documentOf('orders', 'zh')).toContain(
    '`sales.lines` 的 `region`、`number` 引用本表的 `region`、`number`',
  )
})

test('a document tells rows, ranges, checks, partitions and the query of a view', async () => {
  const album = await documentOf('album', 'en')
  expect(album).toContain('20 rows.')
  expect(album).toContain('| `price` | positive_amount | price | 0% | 20 | 1.00 to 20.00 |')
  expect(await documentOf('orders', 'en')).toContain('- `orders_amount_check`: `CHECK ((amount >= (0)::numeric))`')
  expect(await documentOf('events', 'zh')).toContain("  - `events_2024_x`: FOR VALUES IN ('x', 'it''s')")
  expect(await documentOf('B view', 'zh')).toContain('```sql')
  expect(await documentOf('Größen', 'en')).toContain('never refreshed')
})

test('meanings of a language model are written, and a comment beside them stays', async () => {
  const relation = named('Album')
  const answer = {
    purpose: 'Albums on sale.',
    columns: [
      { name: 'Title', meaning: 'What it says on the cover' },
      { name: 'invented', meaning: 'nothing' },
    ],
  }
  const llm: Llm = {
    model: 'scripted',
    complete: async ({ schema }) => ({ value: schema.parse(answer), inputTokens: 0, outputTokens: 0 }),
  }
  const profile = await profileTable(database.source, relation)
  const meanings = await describeRelation(llm, catalog, relation, profile, 'a record shop', 'en')
  expect(meanings).toEqual({ purpose: 'Albums on sale.', columns: { Title: 'What it says on the cover' } })
  const text = renderDocument(catalog, relation, profile, { language: 'en', meanings })
  expect(text).toContain('Albums on sale.')
  expect(text).toContain("专辑标题，不是 '曲目' — What it says on the cover")
})

test('metadata lists every relation with its files, and an order in which every file runs at once', () => {
  const entries = catalog.relations.map((relation) => ({ relation, rows: 1, rowsExact: true }))
  const text = renderMetadata(catalog, entries, '2025-06-27T14:30:52')
  expect(text).toContain('generated_at: 2025-06-27T14:30:52\ntables: 11\nviews: 4\n')
  expect(text).toContain('[sales.lines]\nkind: table\nrows: 1\ncolumns: 4\nddl: sales.lines.ddl\n')
  expect(text).toContain('foreign_key: (region, number) references sales.orders (region, number)')
  const order = replayOrder(catalog).map((relation) => relation.name)
  expect(order).toHaveLength(catalog.relations.length)
  expect(order.indexOf('a_view')).toBeLessThan(order.indexOf('B view'))
  expect(order.indexOf('orders')).toBeLessThan(order.indexOf('Größen'))
})

test.each([
  ['zh', 'auto', ['电商订单系统，表 orders 与 customers', 'Order id']],
  ['en', 'auto', ['An order system', 'the customer 张三']],
  ['en', 'auto', []],
  ['zh', 'zh', ['English only']],
] as const)('the language is %s under %s', (language, setting, texts) => {
  expect(detectLanguage(setting, texts)).toBe(language)
})

test.each([
  ['InvoiceLine', 'en', 'invoice line'],
  ['first_name', 'zh', '名'],
  ['customerEmail', 'zh', '客户电子邮箱'],
  ['foo_price', 'zh', 'foo price'],
  ['URLPath', 'en', 'url path'],
] as const)('%s is spoken in %s as %s', (name, language, said) => {
  expect(spoken(name, language)).toBe(said)
})

async function documentOf(name: string, language: 'zh' | 'en'): Promise<string> {
  return renderDocument(catalog, named(name), await profileTable(database.source, named(name)), { language })
}

function named(name: string): Relation {
  const found = catalog.relations.find((one) => one.name === name)
  if (found === undefined) throw new Error(`the schema has no ${name}`)
  return found
}
