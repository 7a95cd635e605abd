import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresSource, postgresSource } from '../../../shared/platform/postgres-source.ts'
import { gate } from '../../support/engine-kit.ts'
import { openPgliteSource, openServerSource, type TestSource } from '../../support/pglite-source.ts'

const LIMITS = { rowsMax: 100, bytesMax: 100_000, timeoutMs: 5_000 }
const server = process.env.HELIX_TEST_DATABASE_URL
const databases: [string, (name: string) => Promise<TestSource>][] = [['the embedded database', openPgliteSource]]
if (server !== undefined) databases.push(['a server', (name) => openServerSource(server, name)])

describe.each(databases)('a source on %s', (_, open) => {
  let database: TestSource
  beforeAll(async () => {
    database = await open('helix_test_source')
    await database.script(
      'create table things (id integer primary key); insert into things select generate_series(1, 3)',
    )
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('reads rows and columns', async () => {
    const answer = await database.source.read('select id, id * 2 as twice from things order by id;', LIMITS)
    expect(answer).toEqual({
      columns: ['id', 'twice'],
      rows: [1, 2, 3].map((id) => ({ id, twice: id * 2 })),
      truncated: false,
    })
  })

  test('says which columns an empty answer has', async () => {
    const answer = await database.source.read('select id from things where false', LIMITS)
    expect(answer).toEqual({ columns: ['id'], rows: [], truncated: false })
  })

  test('cuts an answer at the row limit, and not one row early', async () => {
    const sql = 'select * from generate_series(1, 300) n'
    expect(await database.source.read(sql, { ...LIMITS, rowsMax: 299 })).toMatchObject({
      truncated: true,
      rows: { length: 299 },
    })
    expect(await database.source.read(sql, { ...LIMITS, rowsMax: 300 })).toMatchObject({
      truncated: false,
      rows: { length: 300 },
    })
  })

  test('cuts an answer at the byte limit', async () => {
    const answer = await database.source.read("select repeat('x', 1000) as x from generate_series(1, 1000)", {
      ...LIMITS,
      rowsMax: 1_000,
      bytesMax: 10_000,
    })
    expect(answer.truncated).toBe(true)
    expect(answer.rows.length).toBe(9)
  })

  test('dates, times, numerics and big integers come back as text, in UTC', async () => {
    const sql = `select date '2024-02-29' as day, timestamptz '2024-01-01 00:00:00+08' as instant, 0.10::numeric as price,
                        9007199254740993::int8 as big, array[date '2024-02-29'] as days, '\\x01'::bytea as raw, 1.5::float8 as number`
    expect((await database.source.read(sql, LIMITS)).rows).toEqual([
      {
        day: '2024-02-29',
        instant: '2023-12-31 16:00:00+00',
        price: '0.10',
        big: '9007199254740993',
        days: ['2024-02-29'],
        raw: '\\x01',
        number: 1.5,
      },
    ])
  })

  test.each([
    ['two statements', 'select 1; select 2', '42601'],
    ['a second statement that would leave the transaction', 'select 1; commit; drop table things', '42601'],
    ['a statement that is no query', 'delete from things', '42601'],
    ['a query that writes', 'with gone as (delete from things returning id) select * from gone', '0A000'],
    ['a query that locks rows', 'select * from things for update', '25006'],
    ['a query that asks for the right to write', "select set_config('transaction_read_only', 'off', false)", '25001'],
    ['an unknown column', 'select nope from things', '42703'],
  ])('refuses %s with the code of the database', async (_name, sql, code) => {
    await expect(database.source.read(sql, LIMITS)).rejects.toMatchObject({ code })
    expect((await database.source.read('select count(*)::int as n from things', LIMITS)).rows).toEqual([{ n: 3 }])
  })

  test('explains without running', async () => {
    const plan = await database.source.explain('select * from things, (select pg_sleep(60)) slow', 2_000)
    expect(plan.cost).toBeGreaterThan(0)
    await expect(database.source.explain('select 1; select 2', 2_000)).rejects.toMatchObject({ code: '42601' })
    await expect(database.source.explain('analyze delete from things', 2_000)).rejects.toMatchObject({ code: '42601' })
  })

  test('runs nothing that is planned to cost more than it may', async () => {
    const sql = 'select count(*) from things a, things b, (select pg_sleep(60)) slow'
    const refused = database.source.read(sql, { ...LIMITS, costMax: 1 })
    await expect(refused).rejects.toMatchObject({ code: '54000' })
    const { rows } = await database.source.read('select count(*)::int as n from things', { ...LIMITS, costMax: 1e6 })
    expect(rows).toEqual([{ n: 3 }])
  })

  test('its own transactions can not write, and what they set is gone afterwards', async () => {
    const work = database.source.readOnly((tx) => tx.query('delete from things'))
    await expect(work).rejects.toMatchObject({ code: '25006' })
    await database.source.readOnly((tx) => tx.query("select set_config('search_path', 'nowhere', true)"))
    const after = await database.source.readOnly((tx) =>
      tx.query<{ path: string }>("select current_setting('search_path') as path"),
    )
    expect(after.rows[0]?.path).not.toBe('nowhere')
  })

  test('lets no plan be compiled, which takes longer than all that is asked of a catalog', async () => {
    const { rows } = await database.source.readOnly((tx) => tx.query('show jit'))
    expect(rows).toEqual([{ jit: 'off' }])
  })

  test('stops or refuses a statement that would run too long', async () => {
    const sql = 'select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b'
    await expect(database.source.read(sql, { ...LIMITS, timeoutMs: 300 })).rejects.toMatchObject({ code: '57014' })
  })
})

test('a server that does not answer is a problem without the password', async () => {
  const opening = openPostgresSource('shop', 'postgres://joe:secret@127.0.0.1:1/shop')
  await expect(opening).rejects.toMatchObject({ code: 'source_unreachable' })
  await expect(opening).rejects.not.toThrow(/secret/)
})

test.skipIf(server === undefined)('an unknown database is refused, and a wrong one is not retried', async () => {
  const url = new URL(server ?? 'postgres://127.0.0.1')
  url.pathname = '/helix_there_is_none'
  await expect(openPostgresSource('shop', url.href)).rejects.toMatchObject({ code: 'source_refused', retryable: false })
})

test.skipIf(server === undefined)(
  'a statement waits for its turn however long others take, and is not told that the source is gone',
  async () => {
    const pool = new pg.Pool({ connectionString: server, max: 1, connectionTimeoutMillis: 1_000 })
    await using source = await postgresSource({ name: 'busy', pool, stopsStatements: true, owned: true })
    const [begun, end] = [gate(), gate()]
    const slow = source.readOnly(async () => {
      begun.open()
      await end.passed
    })
    await begun.passed
    const waiting = source.read('select 1 as one', { rowsMax: 1, bytesMax: 100, timeoutMs: 1000 })
    // Whoever asks the pool itself, and asks later, has given up by now.
    await expect(pool.connect()).rejects.toThrow(/timeout exceeded/)
    end.open()
    await slow
    expect((await waiting).rows).toEqual([{ one: 1 }])
  },
)
