import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Catalog, Relation } from '../../../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../../../shared/dataset/documents/ddl.ts'
import { NASTY_SCHEMA } from '../../../support/nasty-schema.ts'
import { openPgliteSource, openServerSource, type TestSource } from '../../../support/pglite-source.ts'
import { replayDdl, structureOf } from '../../../support/replay-ddl.ts'

const server = process.env.HELIX_TEST_DATABASE_URL
const databases: [string, (name: string) => Promise<TestSource>][] = [['the embedded database', openPgliteSource]]
if (server !== undefined) databases.push(['a server', (name) => openServerSource(server, name)])

describe.each(databases)('on %s', (_, open) => {
  let original: TestSource
  let copy: TestSource
  let catalog: Catalog
  let failedAtFirst: Relation[]

  beforeAll(async () => {
    original = await open('helix_test_ddl_original')
    copy = await open('helix_test_ddl_copy')
    await original.script(NASTY_SCHEMA)
    catalog = await readCatalog(original.source)
    failedAtFirst = await replayDdl(catalog, copy.script)
  })
  afterAll(async () => {
    await original[Symbol.asyncDispose]()
    await copy[Symbol.asyncDispose]()
  })

  test('the files recreate the catalog without difference', async () => {
    expect(structureOf(await readCatalog(copy.source))).toEqual(structureOf(catalog))
  })

  test('tables run in plain file-name order, even with circular foreign keys', () => {
    expect(failedAtFirst.filter((relation) => relation.kind === 'table' || relation.kind === 'partitioned')).toEqual([])
  })

  test('a foreign key stands in the later of its two files and the earlier one says where', () => {
    const store = renderDdl(catalog, named('a_store'))
    expect(store).toContain('-- foreign key (manager_id) references z_staff (id): declared in z_staff.ddl')
    expect(store).not.toContain('FOREIGN KEY')
    expect(renderDdl(catalog, named('z_staff'))).toContain('alter table a_store add constraint a_store_manager_fkey')
  })

  test('comments stand word for word', () => {
    const ddl = renderDdl(catalog, named('Album'))
    expect(ddl).toContain(`comment on column "Album"."Title" is '专辑标题，不是 ''曲目''';`)
    expect(ddl).toContain(`comment on table "Album" is E'An album; it''s "quoted" | piped`)
  })

  test('a partition keeps the keys, indexes and defaults that its parent has not', () => {
    const ddl = renderDdl(catalog, named('events'))
    expect(ddl).toContain('create table events_2024 partition of events FOR VALUES')
    expect(ddl).toContain("alter table events_2025 alter column kind set default 'y'")
    expect(ddl).toContain('CREATE INDEX events_2025_only ON events_2025')
    expect(ddl).toContain('alter table events_2025 add constraint events_2025_store_fkey FOREIGN KEY')
  })

  function named(name: string): Relation {
    const relation = catalog.relations.find((one) => one.name === name)
    if (relation === undefined) throw new Error(`the schema has no ${name}`)
    return relation
  }
})
