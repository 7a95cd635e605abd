import { afterAll, beforeAll, expect, test } from 'vitest'
import { commentedSources, sqlComment } from '../../../shared/platform/commented-sources.ts'
import type { Source } from '../../../shared/platform/source.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const LIMITS = { rowsMax: 10, bytesMax: 10_000, timeoutMs: 5_000 }
const HOSTILE = "it's */ drop table parcels; -- /* \n ( ) !"

let opened: TestSource
let source: Source
beforeAll(async () => {
  opened = await openPgliteSource('parcels')
  await opened.script('create table parcels (name text); insert into parcels values ($$a$$), ($$b$$)')
  const sources = sourcesOf([{ name: 'parcels', open: async () => opened.source }])
  source = await commentedSources(sources, { task: HOSTILE, execution: 'e-1' }).open({ name: 'parcels' })
})
afterAll(async () => await opened[Symbol.asyncDispose]())

test('a comment has its keys in order and nothing in a value that SQL could read', () => {
  expect(sqlComment({ task: HOSTILE, execution: 'e-1' })).toBe(
    "/*execution='e-1',task='it%27s%20%2A%2F%20drop%20table%20parcels%3B%20--%20%2F%2A%20%0A%20%28%20%29%20%21'*/",
  )
})

test('a commented statement answers what it answers without, also when it ends in a comment or a semicolon', async () => {
  for (const sql of ['select name from parcels', 'select name from parcels;', 'select name from parcels -- all']) {
    const { rows } = await source.read(sql, LIMITS)
    expect(rows).toEqual([{ name: 'a' }, { name: 'b' }])
    expect(await source.explain(sql, 5_000)).toEqual(await opened.source.explain(sql, 5_000))
  }
})

test("an open literal or an open comment is refused as it is without the statement's own comment", async () => {
  for (const sql of ["select 'open", 'select "open', 'select $$open', 'select 1 /* open', "select e'open\\"]) {
    await expect(source.read(sql, LIMITS)).rejects.toMatchObject({ code: '42601' })
  }
})

test('the database itself sees the comment of what it is asked', async () => {
  const [{ query = '' } = {}] = await source.readOnly(async (tx) => {
    return (await tx.query<{ query: string }>('select current_query() as query')).rows
  })
  expect(query).toBe(`select current_query() as query ${sqlComment({ task: HOSTILE, execution: 'e-1' })}`)
})
