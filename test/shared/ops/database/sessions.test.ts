import pg from 'pg'
import { afterEach, describe, expect, type TestContext, test } from 'vitest'
import { endIdleInTransaction, holdsTransaction, stopStatement } from '../../../../shared/ops/database/end-sessions.ts'
import { headsOf, listLockChains } from '../../../../shared/ops/database/lock-chains.ts'
import { listIdleInTransaction, listSlowStatements } from '../../../../shared/ops/database/own-sessions.ts'
import { engineKit } from '../../../support/engine-kit.ts'

const kit = engineKit()
const open: pg.Client[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.end().catch(() => undefined)
})

/** Another session on the store's database, as whoever it says it is. */
async function session(context: TestContext, application = 'helix'): Promise<pg.Client> {
  const { url } = kit.store
  if (url === null) return context.skip('only a server has other sessions: set HELIX_TEST_DATABASE_URL')
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  open.push(client)
  return client
}

async function pidOf(client: pg.Client): Promise<number> {
  return (await client.query('select pg_backend_pid() as pid')).rows[0].pid
}

const alive = async (pid: number) =>
  (await kit.store.query('select from pg_stat_activity where pid = $1', [pid])).rowCount > 0

/** Until the server has seen what another session does. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await kit.store.query('select pg_sleep(0.02)')
}

describe('a session of Helix that idles in a transaction', () => {
  test('is found and ended, and what it held is free', async (context) => {
    const client = await session(context)
    const pid = await pidOf(client)
    await client.query('begin')
    await client.query('lock table settings')
    const [found] = await listIdleInTransaction(kit.store, 0)
    if (found === undefined) throw new Error('It was not found')
    expect(found).toMatchObject({ pid, own: true, state: 'idle in transaction', statement: 'lock table settings' })
    expect(await holdsTransaction(kit.store, found)).toBe(true)
    expect(await endIdleInTransaction(kit.store, found)).toBe('ended')
    expect([await alive(pid), await holdsTransaction(kit.store, found)]).toEqual([false, false])
    expect((await kit.store.query('select from settings')).rowCount).toBe(0)
  })

  test('is left alone once it has gone on, be it in the same transaction', async (context) => {
    const client = await session(context)
    await client.query('begin')
    const [found] = await listIdleInTransaction(kit.store, 0)
    if (found === undefined) throw new Error('It was not found')
    await client.query('select 1')
    expect(await endIdleInTransaction(kit.store, found)).toBe('not_there')
    await client.query('commit')
    expect(await endIdleInTransaction(kit.store, found)).toBe('not_there')
    expect(await alive(found.pid)).toBe(true)
  })

  test('is left alone while it has not idled for long', async (context) => {
    const client = await session(context)
    await client.query('begin')
    expect(await listIdleInTransaction(kit.store, 60)).toEqual([])
  })
})

test('a session of another application is not found and can not be ended, whatever it does', async (context) => {
  const foreign = await session(context, 'psql')
  await foreign.query('begin')
  expect(await listIdleInTransaction(kit.store, 0)).toEqual([])
  const own = await session(context)
  await own.query('begin')
  const [found] = await listIdleInTransaction(kit.store, 0)
  if (found === undefined) throw new Error('Its own was not found')
  const pid = await pidOf(foreign)
  const moments = `(extract(epoch from backend_start) * 1000000)::bigint::text as a, (extract(epoch from xact_start) * 1000000)::bigint::text as b,
                   (extract(epoch from state_change) * 1000000)::bigint::text as c`
  const { rows } = await kit.store.query<{ a: string; b: string; c: string }>(
    `select ${moments} from pg_stat_activity where pid = $1`,
    [pid],
  )
  const [{ a, b, c } = { a: '', b: '', c: '' }] = rows
  const taken = { ...found, pid, backendStart: a, transactionStart: b, stateChange: c }
  expect(await endIdleInTransaction(kit.store, taken)).toBe('not_there')
  expect(await alive(pid)).toBe(true)
})

test('a process id that another session has taken over is not mistaken for the one that was seen', async (context) => {
  const client = await session(context)
  await client.query('begin')
  const [found] = await listIdleInTransaction(kit.store, 0)
  if (found === undefined) throw new Error('It was not found')
  const earlier = { ...found, backendStart: String(Number(found.backendStart) - 1) }
  expect(await endIdleInTransaction(kit.store, earlier)).toBe('not_there')
  expect(await alive(found.pid)).toBe(true)
})

describe('a slow statement of Helix', () => {
  test('is cancelled, and its session lives', async (context) => {
    const client = await session(context)
    const pid = await pidOf(client)
    const ended = client.query("select pg_sleep(600), 'secret'").catch((error: Error) => error.message)
    await until(async () => (await listSlowStatements(kit.store, 0)).length > 0)
    const [found] = await listSlowStatements(kit.store, 0)
    if (found === undefined) throw new Error('It was not found')
    expect(found).toMatchObject({ pid, waitsFor: 'Timeout/PgSleep', statement: 'select pg_sleep(?), ?' })
    expect(await stopStatement(kit.store, found)).toBe('cancelled')
    expect(await ended).toBe('canceling statement due to user request')
    expect([await alive(pid), await holdsTransaction(kit.store, found)]).toEqual([true, false])
  })

  test('that does not hear is ended with its session', async (context) => {
    const client = await session(context)
    await client.query(`create function deaf() returns void language plpgsql as $$
      begin
        loop
          begin perform pg_sleep(600); exception when query_canceled then null; end;
        end loop;
      end $$`)
    const ended = client.query('select deaf()').catch((error: Error) => error.message)
    await until(async () => (await listSlowStatements(kit.store, 0)).length > 0)
    const [found] = await listSlowStatements(kit.store, 0)
    if (found === undefined) throw new Error('It was not found')
    expect(await stopStatement(kit.store, found)).toBe('ended')
    expect(await ended).toMatch(/terminating connection|Connection terminated/)
    await kit.store.query('drop function deaf')
  })

  test('is not one that may take long by its nature, nor one of another application', async (context) => {
    const client = await session(context)
    await client.query(
      'create function pause() returns int immutable language sql as $$ select 1 from pg_sleep(0.3) $$',
    )
    await client.query('create table indexed (a int); insert into indexed values (1)')
    const building = client.query('create index on indexed ((a + pause()))')
    const foreign = await session(context, 'psql')
    const sleeping = foreign.query('select pg_sleep(0.3)')
    await until(async () => {
      const { rows } = await kit.store.query<{ n: number }>(
        `select count(*) as n from pg_stat_activity where state = 'active' and datname = current_database() and pid <> pg_backend_pid()`,
      )
      return rows[0]?.n === 2
    })
    expect(await listSlowStatements(kit.store, 0)).toEqual([])
    await Promise.all([building, sleeping])
    await client.query('drop table indexed; drop function pause')
  })
})

describe('chains of waiting sessions', () => {
  test('lead to the session at their head', async (context) => {
    const [head, second, third] = [await session(context, 'psql'), await session(context), await session(context)]
    const pid = await pidOf(head)
    await head.query('begin; lock table settings in access exclusive mode')
    const waits = [second.query('select from settings'), third.query('select from settings')]
    await until(async () => (await listLockChains(kit.store))[0]?.waiting.length === 2)
    const [chain] = await listLockChains(kit.store)
    expect(chain?.head).toMatchObject({ pid, application: 'psql', own: false })
    expect(chain?.waiting.map(({ session: { own } }) => own)).toEqual([true, true])
    await head.query('rollback')
    await Promise.all(waits)
    expect(await listLockChains(kit.store)).toEqual([])
  })

  test.each([
    [
      'one behind the other',
      [
        [2, [1]],
        [3, [2]],
      ],
      [[1, [2, 3]]],
    ],
    [
      'two behind one',
      [
        [2, [1]],
        [3, [1]],
      ],
      [[1, [2, 3]]],
    ],
    [
      'one behind two',
      [[3, [1, 2]]],
      [
        [2, [3]],
        [1, [3]],
      ],
    ],
    [
      'a circle',
      [
        [1, [2]],
        [2, [1]],
      ],
      [],
    ],
    ['a prepared transaction', [[1, [0]]], []],
  ] as [string, [number, number[]][], [number, number[]][]][])('are told apart: %s', (_, waiting, expected) => {
    const heads = headsOf(waiting.map(([pid, blocked_by]) => ({ pid, blocked_by, seconds: 1 })))
    expect([...heads].map(([pid, behind]) => [pid, behind.map((one) => one.pid)])).toEqual(expected)
  })
})
