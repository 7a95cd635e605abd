import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, displayName, type Relation } from '../../../../shared/dataset/catalog/catalog.ts'
import { profileTable } from '../../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import type { Source } from '../../../../shared/platform/source.ts'
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

test('every table and view is listed in name order, partitions below their parent, nothing temporary', () => {
  expect(catalog.relations.map(displayName)).toEqual([
    "Höhe 'n Breite.Größen",
    ...['123', 'Album', 'B view', 'a_store', 'a_view', 'album', 'events', 'full_one', 'nothing', 'with', 'with.dot'],
    ...['z_staff', 'sales.lines', 'sales.orders'],
  ])
  expect(relation('events').partitions.map((one) => [one.name, one.partitions.map((below) => below.name)])).toEqual([
    ['events_2024', ['events_2024_rest', 'events_2024_x']],
    ['events_2025', []],
  ])
})

test('a column tells its type, and the type below domains and arrays', () => {
  const columns = Object.fromEntries(
    [...relation('Album').columns, ...relation('orders').columns].map((one) => [one.name, one]),
  )
  expect(columns['2nd']).toMatchObject({ type: 'tags', baseType: 'text', isArray: true, category: 'S' })
  expect(columns.moods).toMatchObject({ type: 'mood[]', baseType: 'mood', isArray: true, category: 'E' })
  expect(columns.select).toMatchObject({ type: 'mood', enumLabels: ['happy', "it's fine", 'sad "very"'] })
  expect(columns.größe).toMatchObject({ type: 'sales.size', baseType: 'size' })
  expect(columns.doubled).toMatchObject({ type: 'numeric(12,2)', default: null, generated: '(amount * (2)::numeric)' })
  expect(columns.Title).toMatchObject({ collation: '"C"', comment: "专辑标题，不是 '曲目'" })
})

test('identity columns keep their kind and options', () => {
  expect(relation('album').columns[0]).toMatchObject({ identity: 'by default', identityOptions: expect.anything() })
  expect(relation('with.dot').columns[0]).toMatchObject({ identity: 'always' })
})

test('foreign keys are found across schemas, composite, to the table itself and in circles', () => {
  const shown = catalog.foreignKeys.map(
    (key) => `${displayName(key.from)}(${key.fromColumns}) > ${displayName(key.to)}(${key.toColumns})`,
  )
  expect(shown).toEqual([
    'a_store(manager_id) > z_staff(id)',
    'events(store_id) > a_store(id)',
    'sales.lines(album_id) > Album(AlbumId)',
    'sales.lines(region,number) > sales.orders(region,number)',
    'sales.orders(previous_region,previous_number) > sales.orders(region,number)',
    'with.dot(album_id) > album(id)',
    'z_staff(boss_id) > z_staff(id)',
    'z_staff(store_id) > a_store(id)',
  ])
})

test('a key that only partitions declare is one key of their parent', () => {
  const key = catalog.foreignKeys.find((one) => one.from.name === 'events')
  expect(key?.onPartitions?.map((one) => one.name)).toEqual(['events_2024', 'events_2025'])
})

test('prerequisites stand in order of creation and know who needs them', () => {
  const names = catalog.prerequisites.map((one) => one.name)
  expect(names.indexOf('both_texts')).toBeLessThan(names.indexOf('all_texts'))
  const mood = catalog.prerequisites.find((one) => one.name === 'mood')
  expect(mood?.neededBy.map((one) => one.name)).toEqual(['Album', 'a_view', 'orders'])
  expect(catalog.domains.map((one) => one.name)).toEqual(['positive_amount', 'tags'])
})

test('a view knows its query and what it reads', () => {
  expect(relation('B view').dependsOn).toEqual([{ schema: 'public', name: 'a_view' }])
  expect(relation('Größen')).toMatchObject({ kind: 'materialized_view', populated: false })
})

test('a list of tables limits the catalog and its foreign keys', async () => {
  const some = await readCatalog(database.source, { tables: ['z_staff', 'A_STORE', 'sales.lines', 'missing'] })
  expect(some.relations.map(displayName)).toEqual(['a_store', 'z_staff', 'sales.lines'])
  expect(some.foreignKeys.map((key) => key.to.name)).toEqual(['z_staff', 'z_staff', 'a_store'])
})

test('the number of statements does not grow with the tables', async () => {
  const [few, all] = [counting(database.source), counting(database.source)]
  await readCatalog(few.source, { tables: ['album'] })
  await readCatalog(all.source)
  expect(few.statements()).toBe(all.statements())
  expect(all.statements()).toBeLessThanOrEqual(14)
})

test('a profile counts, ranges and lists, and is the same every time', async () => {
  const profile = await profileTable(database.source, relation('album'))
  expect(profile).toMatchObject({ rows: 20, rowsExact: true })
  expect(profile.columns.price).toMatchObject({
    distinct: 20,
    nullShare: 0,
    min: '1.00',
    max: '20.00',
    valuesComplete: true,
  })
  expect(await profileTable(database.source, relation('album'))).toEqual(profile)
})

test('a profile copes with every type, with views, and with nothing at all', async () => {
  for (const one of catalog.relations) {
    const profile = await profileTable(database.source, one)
    expect([one.name, Object.keys(profile.columns).length]).toEqual([one.name, one.populated ? one.columns.length : 0])
  }
})

test('a view whose query fails gets an empty profile', async () => {
  await database.script('create view broken as select 1 / 0 as boom')
  const broken = (await readCatalog(database.source, { tables: ['broken'] })).relations[0]
  if (broken === undefined) throw new Error('the view is missing')
  const profile = await profileTable(database.source, broken)
  expect(profile).toEqual({ rows: 0, rowsExact: false, columns: {}, unread: 'division by zero', avoided: false })
})

function relation(name: string): Relation {
  const found = catalog.relations.find((one) => one.name === name)
  if (found === undefined) throw new Error(`the schema has no ${name}`)
  return found
}

function counting(source: Source): { source: Source; statements: () => number } {
  let count = 0
  const readOnly: Source['readOnly'] = (work, timeoutMs) =>
    source.readOnly(
      (tx) =>
        work({
          query: (text, values) => {
            count++
            return tx.query(text, values)
          },
        }),
      timeoutMs,
    )
  return { source: { ...source, readOnly }, statements: () => count }
}
