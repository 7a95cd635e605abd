import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import { type RepairTools, repairPair } from '../../../../shared/dataset/validation/repair/repair-pair.ts'
import { measureSharpness, sharpnessSample, totalSharpness } from '../../../../shared/dataset/validation/sharpness.ts'
import { volatileFunctions } from '../../../../shared/dataset/validation/store.ts'
import {
  VALIDATION_LIMITS,
  type ValidationLimits,
  validatePair,
} from '../../../../shared/dataset/validation/validate-pair.ts'
import { openAiLlm } from '../../../../shared/platform/openai.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { openPgliteSource, openServerSource, type TestSource } from '../../../support/pglite-source.ts'
import { type ScriptedReply, scriptedOpenAi } from '../../../support/scripted-openai.ts'
import { pairOf } from '../../../support/validation-kit.ts'

const SCHEMA = `
  create schema sales;
  create table "Artist" ("ArtistId" integer primary key, "Name" text);
  create table "Album" ("AlbumId" integer primary key, "ArtistId" integer references "Artist", "Title" text, "Year" text, price numeric);
  create table sales.orders (id integer primary key, ordered_at timestamp, amount double precision, postal_code text);
  create table empty_one (id integer);
  create sequence counter;
  insert into "Artist" values (1, 'Björk'), (2, 'Can'), (3, '崔健');
  insert into "Album" values (1, 1, 'Post', '1995', 9), (2, 1, 'Vespertine', '2001', 12), (3, 2, 'Tago Mago', '1971', 15), (4, 3, '新长征路上的摇滚', '1989', 8);
  insert into sales.orders values (1, '2020-01-05', 10.5, '0100'), (2, '2020-02-05', 20.25, '0200');
  create function purge() returns integer language sql as 'delete from "Album" returning 1';
  create function cleanup() returns integer language sql stable security definer as 'select 1';
  create function quiet() returns bigint language plpgsql immutable as $$ begin return nextval('counter'); end $$;
  create function any_text() returns integer language plpgsql stable as $$ begin execute 'select 1'; return 1; end $$;
  create function harmless() returns text language plpgsql stable as $$ begin return 'updated'; end $$`

const parser = pgQueryParser()
const serverUrl = process.env.HELIX_TEST_DATABASE_URL ?? ''
const kinds: [string, () => Promise<TestSource>][] = [
  ['embedded', () => openPgliteSource()],
  ...(serverUrl === ''
    ? []
    : ([['server', () => openServerSource(serverUrl, `helix_${randomUUID().replaceAll('-', '')}`)]] as const).map(
        ([name, open]): [string, () => Promise<TestSource>] => [name, open],
      )),
]

describe.each(kinds)('on a source that is %s', (_kind, open) => {
  let database: TestSource
  let catalog: Catalog
  let limits: ValidationLimits
  const verdictOf = (sql: string) => validatePair(database.source, parser, { sql }, limits)
  const repaired = async (sql: string, tools: Partial<RepairTools> = {}) => {
    const failure = await verdictOf(sql)
    if (failure.kind !== 'broken') throw new Error(`expected a broken statement: ${sql}`)
    const { source } = database
    const schemaText = () => 'create table "Album" …'
    return await repairPair({ source, parser, catalog, limits, llm: null, schemaText, ...tools }, pairOf(sql), failure)
  }

  beforeAll(async () => {
    database = await open()
    await database.script(SCHEMA)
    catalog = await readCatalog(database.source)
    limits = { ...VALIDATION_LIMITS, timeoutMs: 1500, deniedFunctions: await volatileFunctions(database.source) }
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test.each([
    ['select "Name" from "Artist"', { kind: 'valid', rows: 3, allNull: false, truncated: false }],
    ['select null as a, null as b from "Artist"', { kind: 'valid', allNull: true }],
    ['select sum(id) from empty_one', { kind: 'valid', allNull: true }],
    ['select * from empty_one', { kind: 'empty' }],
    ['select 1 as n from generate_series(1, 5000)', { kind: 'valid', rows: 1000, truncated: true }],
    ['selec 1', { kind: 'broken', class: 'syntax', sqlState: '42601' }],
    ['select * from nowhere', { kind: 'broken', class: 'unknown_table', sqlState: '42P01' }],
    ['select * from nowhere.orders', { kind: 'broken', class: 'unknown_table' }],
    ['select nothing from "Artist"', { kind: 'broken', class: 'unknown_column', sqlState: '42703' }],
    [
      'select "ArtistId" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
      { kind: 'broken', class: 'ambiguous' },
    ],
    ['select "Title" = 5 from "Album"', { kind: 'broken', class: 'type_mismatch' }],
    [`select 'x'::integer`, { kind: 'broken', class: 'type_mismatch', sqlState: '22P02' }],
    ['select frobnicate(1)', { kind: 'broken', class: 'unknown_function' }],
    ['select "Name", count(*) from "Artist"', { kind: 'broken', class: 'missing_group_by', sqlState: '42803' }],
    ['select 1 / 0', { kind: 'broken', class: 'other', sqlState: '22012' }],
    ['select purge()', { kind: 'broken', class: 'refused' }],
    ['select cleanup()', { kind: 'broken', class: 'refused' }],
    ['delete from "Album"', { kind: 'broken', class: 'refused' }],
    ['select quiet()', { kind: 'broken', class: 'refused' }],
    ['select any_text()', { kind: 'broken', class: 'refused' }],
    ['select harmless()', { kind: 'valid', rows: 1 }],
  ])('%s is judged', async (sql, verdict) => {
    expect(await verdictOf(sql)).toMatchObject(verdict)
  })

  test.each([
    ['select count(*) from generate_series(1, 1000000000000) a', /^(?:too_expensive|timeout)$/],
    ['select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b', /^(?:too_expensive|timeout)$/],
    [
      'with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r',
      /^(?:too_expensive|timeout)$/,
    ],
    [`select repeat('x', 900 * 1000000)`, /^refused$/],
    ['with recursive r as (select 1 as n union all select n + 1 from r) select n from r', /^too_expensive$/],
    [
      'select a.n from generate_series(1, 9999) a(n), generate_series(1, 9999) b(n), generate_series(1, 9999) c(n)',
      /^(?:too_expensive|timeout)$/,
    ],
  ])('%s ends soon and harms nobody', async (sql, failure) => {
    const verdict = await verdictOf(sql)
    expect(verdict.kind === 'broken' ? verdict.class : verdict.kind).toMatch(failure)
    expect((await verdictOf('select "Name" from "Artist"')).kind).toBe('valid')
  })

  test('a result of a billion planned rows is refused before it is read', async () => {
    const sql = 'select 1 from generate_series(1, 900) a, generate_series(1, 900) b'
    expect(await validatePair(database.source, parser, { sql }, { ...limits, rowsPlannedMax: 800_000 })).toMatchObject({
      kind: 'broken',
      class: 'too_expensive',
      message: 'canceling statement: its planned number of rows 810000 exceeds 800000',
    })
    expect((await verdictOf(sql)).kind).toBe('valid')
  })

  test.each([
    ['wrong case', 'select name from artist', 'select "Name" from "Artist"'],
    [
      'missing quotes with aliases',
      'select a.Name, b.Title from Artist a join Album b on a.ArtistId = b.ArtistId',
      'select a."Name", b."Title" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
    ],
    ['a missing schema', 'select amount from orders', 'select amount from sales.orders'],
    [
      'a missing schema with qualified columns',
      'select orders.amount from orders',
      'select orders.amount from sales.orders',
    ],
    ['a misspelt table', 'select "Title" from "Albums"', 'select "Title" from "Album"'],
    [
      'a misspelt column behind Chinese text',
      `select '中文' as t, "Titel" from "Album"`,
      `select '中文' as t, "Title" from "Album"`,
    ],
    [
      'an ambiguous column',
      'select "ArtistId" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
      'select a."ArtistId" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
    ],
    [
      'a missing alias',
      'select o.amount from sales.orders where o.id = 1',
      'select orders.amount from sales.orders where orders.id = 1',
    ],
    [
      'the name of a table that has an alias',
      'select "Album"."Title" from "Album" b',
      'select b."Title" from "Album" b',
    ],
    [
      'the wrong alias',
      'select a."Title" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
      'select b."Title" from "Artist" a join "Album" b on a."ArtistId" = b."ArtistId"',
    ],
    [
      'a missing GROUP BY column',
      'select "Name", count(*) from "Artist" group by "ArtistId" % 2',
      'select "Name", count(*) from "Artist" group by "ArtistId" % 2, "Name"',
    ],
    [
      'a missing GROUP BY',
      'select "Year", max(price) from "Album" where price > 1 order by 2',
      'select "Year", max(price) from "Album" where price > 1 group by "Year" order by 2',
    ],
    [
      'a number beside text',
      'select "Title" from "Album" where "Year" > 1900',
      `select "Title" from "Album" where "Year" > '1900'`,
    ],
    [
      'a pattern on a date',
      `select id from sales.orders where ordered_at like '2020-01%'`,
      `select id from sales.orders where ordered_at::text like '2020-01%'`,
    ],
    [
      'rounding a float',
      'select round(avg(amount), 2) from sales.orders',
      'select round((avg(amount))::numeric, 2) from sales.orders',
    ],
    [
      'a value in double quotes',
      'select "ArtistId" from "Artist" where "Name" = "Can"',
      `select "ArtistId" from "Artist" where "Name" = 'Can'`,
    ],
    [
      'backticks and a comma in LIMIT',
      'select `Name` from `Artist` limit 1, 2',
      'select "Name" from "Artist" limit 2 offset 1',
    ],
    ['a fence and a trailing comma', '```sql\nselect "Name", from "Artist"\n```', 'select "Name" from "Artist"'],
    [
      'several faults at once',
      'select nme, count(*) from artist',
      'select "Name", count(*) from "Artist" group by "Name"',
    ],
  ])('%s is repaired by rule', async (_, sql, expected) => {
    const outcome = await repaired(sql)
    expect(outcome).toMatchObject({ kind: 'repaired', by: 'rule', pair: { sql: expected, status: 'repaired' } })
  })

  test.each([
    'delete from "Album"',
    'select pg_sleep(60)',
    'select * from utterly_unknown_thing',
    'select 1; drop table "Album"',
  ])('%s stays broken', async (sql) => {
    expect((await repaired(sql)).kind).toBe('unrepaired')
  })

  test('what the rules can not mend, the model may; its answer is proved like any other', async () => {
    const reply = (sql: string): ScriptedReply => ({ kind: 'chat', content: JSON.stringify({ sql }) })
    const clock = { now: () => new Date(0), timeZone: 'UTC', sleep: async () => undefined }
    const ask = async (...script: ScriptedReply[]) => {
      await using server = await scriptedOpenAi(script)
      const llm = openAiLlm({ baseUrl: server.url, model: 'scripted', clock })
      const outcome = await repaired('select completely_other from "Album"', { llm })
      return { outcome, asked: server.requests.length }
    }
    const first = await ask(reply('delete from "Album"'), reply('select "Title" from "Album"'))
    expect(first).toMatchObject({
      asked: 2,
      outcome: { kind: 'repaired', by: 'llm', how: 'scripted', inputTokens: 22 },
    })
    const hopeless = await ask(reply('select nope from "Album"'))
    expect(hopeless).toMatchObject({ asked: 2, outcome: { kind: 'unrepaired', verdict: { class: 'unknown_column' } } })
    const silent = await ask({ kind: 'error', status: 401 })
    expect(silent.outcome).toMatchObject({ kind: 'unrepaired', llmProblem: expect.stringContaining('401') })
    expect(await verdictOf('select * from "Album"')).toMatchObject({ rows: 4 })
  })

  test('a pair is sharp when every small change of it changes the result', async () => {
    const pairs = [
      pairOf('select "Title" from "Album" where price > 9 order by price desc limit 1'),
      pairOf('select count(*) from "Album" where "AlbumId" > -5'),
    ]
    const sharpness = await measureSharpness(database.source, parser, pairs)
    expect(sharpness).toMatchObject({
      measured: 2,
      undistinguished: expect.arrayContaining([expect.objectContaining({ id: pairs[1]?.id })]),
    })
    const parts = [pairs.slice(0, 1), pairs.slice(1)].map((part) => measureSharpness(database.source, parser, part))
    expect(totalSharpness(await Promise.all(parts))).toEqual(sharpness)
  })

  test('the sharpness of many pairs is measured on a bounded number of them, spread over all', () => {
    const many = Array.from({ length: 600 }, (_, index) => ({ ...pairOf('select 1'), id: `pair-${index}` }))
    const sample = sharpnessSample(many).map(({ id }) => id)
    expect([sample.length, sample[0], sample[1], sample.at(-1)]).toEqual([60, 'pair-0', 'pair-10', 'pair-590'])
  })
})
