import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import type { QualityReport } from '../../../shared/dataset/validation/quality-report.ts'
import { volatileFunctions } from '../../../shared/dataset/validation/store.ts'
import { VALIDATION_LIMITS, validatePair } from '../../../shared/dataset/validation/validate-pair.ts'
import { readText } from '../../../shared/platform/files.ts'
import { openAiLlm } from '../../../shared/platform/openai.ts'
import { pgQueryParser } from '../../../shared/platform/pg-query-parser.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { openServerSource, type TestSource } from '../../support/pglite-source.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import { scriptedOpenAi } from '../../support/scripted-openai.ts'
import { pairOf } from '../../support/validation-kit.ts'

const HOSTILE: readonly string[] = [
  'with gone as (delete from customer returning *) select * from gone',
  'select 1; drop table customer',
  'select pg_sleep(3600)',
  "select lo_import('/etc/passwd')",
  "copy (select 1) to program 'id'",
  "select set_config('transaction_read_only', 'off', false)",
  'select * from customer for update',
  "select nextval('some_sequence')",
  'select count(*) from generate_series(1, 1000000000000) n',
  'select * from pg_catalog.pg_authid',
  "select current_setting('data_directory')",
  "select format('%1000000000s', 'x')",
]

const kit = pipelineKit()

test('hostile statements in a pairs file change nothing, are never shipped, and are each reported with a reason', async () => {
  const platform = await kit.openPlatform()
  const id = 'task_20250627_143052'
  await kit.call(platform, 'POST', TASKS, { task_type: 'data_workflow', db_name: 'shop', business_context: 'shop' })
  for (const step of ['ddl_generation', 'qa_generation']) {
    await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step })
    await deliverAll(platform)
  }
  const file = `${id}/qs_shop_${id}_pair.json`
  const good = (JSON.parse((await readText(platform.files, file)) ?? '[]') as Pair[]).slice(0, 2)
  const bad = HOSTILE.map((sql, index) => pairOf(sql, { id: `hostile-${index}` }))
  const before = await customers()
  await platform.files.put(file, new TextEncoder().encode(JSON.stringify([...bad, ...good])))

  await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'sql_validation' })
  expect(await deliverAll(platform)).toEqual([200])

  const shipped = JSON.parse((await readText(platform.files, file)) ?? '[]') as Pair[]
  expect(shipped.map((pair) => pair.id)).toEqual(good.map((pair) => pair.id))
  const report = JSON.parse((await readText(platform.files, `${id}/quality_report.json`)) ?? '{}') as QualityReport
  const refused = report.measures.find(({ name }) => name === 'statements_refused')
  expect(refused?.missing.map(({ name }) => name)).toEqual(bad.map((pair) => pair.id))
  for (const { reason } of refused?.missing ?? []) expect(reason).toMatch(/^(?:refused|too_expensive|timeout): ./)
  expect(await customers()).toEqual(before)
})

test('hostile statements of a language model change nothing, are never shipped, and are each told with a reason', async () => {
  const pairs = HOSTILE.map((sql, index) => ({ question: `What would statement ${index} have done?`, sql }))
  const content = JSON.stringify({ purpose: 'A table', columns: [], pairs, sql: 'delete from customer' })
  await using endpoint = await scriptedOpenAi([{ kind: 'chat', content }])
  const { clock } = await kit.openPlatform()
  const llm = openAiLlm({ baseUrl: endpoint.url, model: 'scripted', clock })
  const platform = await kit.openPlatform({ llm, clock })
  const before = await customers()
  await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop', business_context: 'shop' })
  expect(await deliverAll(platform)).toEqual([200])

  const id = 'task_20250627_143052'
  const text = async (name: string) => (await readText(platform.files, `${id}/${name}`)) ?? ''
  const shipped = JSON.parse(await text(`qs_shop_${id}_pair.json`)) as Pair[]
  expect(shipped.filter(({ sql, origin }) => origin === 'llm' || HOSTILE.includes(sql))).toEqual([])
  const report = JSON.parse(await text('quality_report.json')) as QualityReport
  const refused = report.measures.find(({ name }) => name === 'statements_refused')?.missing ?? []
  expect(refused).toHaveLength(HOSTILE.length)
  for (const { reason } of refused) expect(reason).toMatch(/^(?:refused|too_expensive|timeout): ./)
  expect(await customers()).toEqual(before)
})

async function customers(): Promise<unknown> {
  return (await kit.shop.read('select * from customer order by 1', { ...VALIDATION_LIMITS })).rows
}

const serverUrl = process.env.HELIX_TEST_DATABASE_URL ?? ''
const TRAPS = `
  create table items (id integer primary key, name text not null);
  insert into items select n, 'n' || n from generate_series(1, 200) n;
  create sequence counter;
  create table calls (what text);
  create function purge() returns integer language sql as 'delete from items returning 1';
  create function note(text) returns integer language plpgsql security definer as
    $$ begin insert into calls values ($1); return 1; end $$;
  create function hidden_write() returns integer language plpgsql immutable as
    $$ begin execute 'insert into calls values (''x'')'; return 1; end $$;
  create function hidden_program() returns integer language plpgsql stable as
    $$ begin execute 'copy (select 1) to program ''touch never'''; return 1; end $$;
  create function slow() returns integer language plpgsql stable as $$ begin perform pg_sleep(3600); return 1; end $$;
  create function no_timeout() returns integer language plpgsql stable as
    $$ begin perform set_config('statement_timeout', '0', true); return 1; end $$;
  create function writable() returns integer language plpgsql stable as
    $$ begin perform set_config('transaction_read_only', 'off', true); return 1; end $$;
  create function row_number_of(items) returns integer language sql volatile as 'select 1';
  create function sly_equal(integer, integer) returns boolean language sql volatile as 'select true';
  create operator === (leftarg = integer, rightarg = integer, function = sly_equal);
  create function sly_step(integer, integer) returns integer language sql volatile as 'select 1';
  create aggregate sly_sum(integer) (sfunc = sly_step, stype = integer, initcond = '0');
  create view numbered as select id, nextval('counter') as number from items`

describe.skipIf(serverUrl === '')('on a server, where a statement may do more than on the embedded database', () => {
  const parser = pgQueryParser()
  let database: TestSource
  beforeAll(async () => {
    database = await openServerSource(serverUrl, `helix_${randomUUID().replaceAll('-', '')}`)
    for (const statement of TRAPS.split(/;\n {2}(?=create|insert)/)) await database.script(statement)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const limits = { ...VALIDATION_LIMITS, timeoutMs: 400 }

  test.each([
    ['a row function in column notation', 'select i.row_number_of from items i'],
    ['a row function behind parentheses', 'select (i).row_number_of from items i'],
    ['an operator', 'select id from items where id === 2'],
    ['an aggregate by its steps', 'select sly_sum(id) from items'],
    ['a security definer', "select note('x')"],
  ])('a volatile function that is called as %s is refused before it runs', async (_, sql) => {
    const deniedFunctions = await volatileFunctions(database.source)
    const verdict = await validatePair(database.source, parser, { sql }, { ...limits, deniedFunctions })
    expect(verdict).toMatchObject({ kind: 'broken', class: 'refused', sqlState: '' })
  })

  test.each([
    ['DML in a CTE', 'with gone as (delete from items returning *) select * from gone', '0A000'],
    ['two statements', 'select 1; delete from items', '42601'],
    ['a function that deletes', 'select purge()', '25006'],
    ['a security definer that inserts', "select note('x')", '25006'],
    ['a function that hides its insert', 'select hidden_write()', '0A000'],
    ['a function that hides a program', 'select hidden_program()', '0A000'],
    ['a function that wants to write again', 'select writable()', '25001'],
    ['locks', 'select * from items for update', '25006'],
    ['a sequence', "select nextval('counter')", '25006'],
    ['a sequence behind a view', 'select number from numbered', '25006'],
    ['sleep', 'select pg_sleep(3600)', '57014'],
    ['sleep that calls itself stable', 'select slow()', '57014'],
    ['rows without end', 'select count(*) from generate_series(1, 1000000000000) n', '57014'],
  ])('%s that the parser let pass is stopped by the database itself', async (_, sql, code) => {
    await expect(database.source.read(sql, limits)).rejects.toMatchObject({ code })
    expect((await database.source.read('select count(*)::int as n from items', limits)).rows).toEqual([{ n: 200 }])
    expect((await database.source.read('select count(*)::int as n from calls', limits)).rows).toEqual([{ n: 0 }])
  })

  test('a statement that takes its own time limit away is ended with its session, and the source goes on', async () => {
    const sql = 'select no_timeout() from items union all select slow() from items'
    await expect(database.source.read(sql, limits)).rejects.toMatchObject({ code: '57014' })
    const running = `select count(*)::int as n from pg_stat_activity
                      where datname = current_database() and query like '%no_timeout%' and state = 'active'`
    expect((await database.source.readOnly((tx) => tx.query(running))).rows).toEqual([{ n: 1 }]) // this one
  })

  test('rows of hundreds of megabytes are cut off on the wire, and the source goes on', async () => {
    const sql = "select repeat('x', 40000000) as x from generate_series(1, 5)"
    const patient = { ...limits, timeoutMs: 20_000 }
    await expect(database.source.read(sql, patient)).rejects.toMatchObject({ code: '54000' })
    expect((await database.source.read('select 1 as one', limits)).rows).toEqual([{ one: 1 }])
  })
})
