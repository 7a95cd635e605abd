import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type ServedDatabase, serveDirectory } from './world/serve-directory.ts'

const CLIENTS = 8
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let served: ServedDatabase
let pool: pg.Pool

beforeAll(async () => {
  folder = await temporaryFolder()
  served = await serveDirectory(join(folder.path, 'database'), 'any')
  pool = new pg.Pool({ connectionString: served.url, max: CLIENTS })
  pool.on('error', () => undefined)
  await pool.query('create table counters (id int primary key, value int not null)')
})
afterAll(async () => {
  await pool.end()
  await served[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('clients that ask at the same time each get the answer to their own statement', async () => {
  const ask = async (n: number) => {
    const { rows } = await pool.query<{ number: number; text: string }>('select $1::int as number, $2::text as text', [
      n,
      `text ${n}`,
    ])
    return rows[0]
  }
  const numbers = Array.from({ length: 60 }, (_, n) => n)
  expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((n) => ({ number: n, text: `text ${n}` })))
})

test('transactions of several clients do not see each other’s half-done work', async () => {
  await pool.query('insert into counters values (1, 0)')
  const add = async (n: number) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const { rows } = await client.query<{ value: number }>('select value from counters where id = 1 for update')
      await client.query('update counters set value = $1 where id = 1', [(rows[0]?.value ?? 0) + 1])
      await client.query(n % 4 === 0 ? 'rollback' : 'commit')
    } finally {
      client.release()
    }
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => add(n)))
  expect((await pool.query('select value from counters where id = 1')).rows).toEqual([{ value: 30 }])
})

test('a client that goes away within a transaction leaves nothing behind and holds nobody up', async () => {
  await pool.query('insert into counters values (2, 0)')
  const leaver = new pg.Client({ connectionString: served.url })
  leaver.on('error', () => undefined)
  await leaver.connect()
  await leaver.query('begin')
  await leaver.query('update counters set value = -1 where id = 2')
  const { stream } = (leaver as unknown as { connection: { stream: { destroy(): void } } }).connection
  stream.destroy()
  expect((await pool.query('select value from counters where id = 2')).rows).toEqual([{ value: 0 }])
})

test('whoever connects while another one is in a transaction is let in at once, and waits with its first statement', async () => {
  const holder = await pool.connect()
  await holder.query('begin')
  const other = new pg.Client({ connectionString: served.url })
  await other.connect()
  const answer = other.query('select 1 as one')
  await holder.query('commit')
  holder.release()
  expect((await answer).rows).toEqual([{ one: 1 }])
  await other.end()
})

test('a statement that is refused does not spoil the session for others', async () => {
  for (let attempt = 0; attempt < 5; attempt++) {
    await expect(pool.query('select * from nowhere where id = $1', [attempt])).rejects.toMatchObject({ code: '42P01' })
  }
  expect((await pool.query('select $1::int as number', [7])).rows).toEqual([{ number: 7 }])
})
