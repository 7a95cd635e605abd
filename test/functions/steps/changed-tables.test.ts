import { afterAll, beforeAll, expect, test } from 'vitest'
import { readText } from '../../../shared/platform/files.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import { SHOP } from '../../support/shop-schema.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const kit = pipelineKit()
let database: TestSource

beforeAll(async () => {
  database = await openPgliteSource('changing')
  await database.script(`${SHOP} drop table never_used`)
})
afterAll(() => database[Symbol.asyncDispose]())

// What each change touches: a view is what its tables are, and a document tells who refers to its table.
const CHANGES: readonly (readonly [
  what: string,
  sql: string,
  pairs: readonly string[],
  documents: readonly string[],
])[] = [
  ['nothing', 'select 1', [], []],
  ['a column more', `alter table product add column colour text default 'red'`, ['product'], ['product']],
  ['a column less', 'alter table customer drop column city', ['customer'], ['customer']],
  [
    'a table more',
    `create table review (id int primary key, product_id int references product (id), stars int, body text);
     insert into review select n, 1 + n % 10, 1 + n % 5, 'Text ' || n from generate_series(1, 60) n`,
    ['review'],
    ['review', 'product'],
  ],
  ['other rows', `update product set name = name || ' new', price = price + 1`, ['product'], ['product']],
  ['another name', 'alter table review rename to rating', ['review', 'rating'], ['review', 'rating', 'product']],
  ['nothing again', 'select 1', [], []],
  ['a table less', 'drop table rating', ['rating'], ['rating', 'product']],
]

test('a changed table replaces exactly what depends on it, whatever the change, and nothing else is inserted or removed', {
  timeout: 300_000,
}, async () => {
  let before = await run()
  for (const [what, sql, pairs, documents] of CHANGES) {
    await database.script(sql)
    const after = await run()
    const changed = [...difference(after.rows, before.rows), ...difference(before.rows, after.rows)]
    const dependsOn = (names: readonly string[]) => (row: Row) => row.tables.some((table) => names.includes(table))
    const strange = changed.filter((row) => !dependsOn(row.kind === 'sql' ? pairs : documents)(row))
    expect({ what, strange }).toEqual({ what, strange: [] })
    for (const table of pairs) expect([what, changed.some(dependsOn([table]))]).toEqual([what, true])
    expect([what, after.rows.some(dependsOn([...after.missing]))]).toEqual([what, false])
    if (pairs.length === 0) expect(after.file).toBe(before.file)
    expect(after.covered).toEqual(after.all)
    before = after
  }
})

interface Row {
  readonly id: string
  readonly kind: string
  readonly tables: readonly string[]
}

async function run() {
  const sources = sourcesOf([
    { name: 'shop', open: async () => ({ ...database.source, [Symbol.asyncDispose]: async () => undefined }) },
  ])
  await using platform = await kit.openPlatform({ sources })
  const { body } = await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop', language: 'en' })
  await deliverAll(platform)
  const id: string = body.data.task_id
  const { rows } = await kit.store.query<Row>('select id, kind, tables from training_items order by id')
  const file = (await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)) ?? ''
  const { columns } = JSON.parse((await readText(platform.files, `${id}/quality_report.json`)) ?? '{}')
  const tables = rows.filter(({ kind }) => kind === 'ddl').flatMap((row) => row.tables)
  const missing = rows.flatMap((row) => row.tables).filter((table) => !tables.includes(table))
  return { rows, file, missing, covered: columns.covered, all: columns.total }
}

function difference(some: readonly Row[], others: readonly Row[]): readonly Row[] {
  const known = new Set(others.map(({ id }) => id))
  return some.filter(({ id }) => !known.has(id))
}
