import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate, migrationTexts, pendingMigrations } from '../../local/drivers/migrate.ts'
import { serverPool } from '../../shared/platform/postgres-store.ts'
import { openTestStore } from '../support/test-store.ts'

const serverUrl = process.env.HELIX_TEST_DATABASE_URL

test('a test store has every migration, and each test has a store of its own', async () => {
  const stores = await Promise.all([openTestStore(), openTestStore()])
  for (const store of stores) {
    const { rows } = await store.query<{ count: number }>('select count(*) from helix_migrations')
    expect(rows[0]?.count).toBe(migrationTexts().length)
    await store.query('create table mine (id int)')
  }
  await Promise.all(stores.map((store) => store.close()))
})

test('a server that does not answer is a problem, not a crash', async () => {
  const pool = serverPool('postgres://helix:s3cret@127.0.0.1:1/helix')
  await expect(migrate(pool)).rejects.toMatchObject({ code: 'store_unavailable' })
  await pool.end()
})

describe.runIf(serverUrl !== undefined)('migrations on a server', () => {
  const name = `helix_test_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: serverUrl })
  beforeAll(async () => {
    await admin.connect()
    await admin.query(`create database ${name}`)
  })
  afterAll(async () => {
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.end()
  })

  test('run once, however many processes start at once', async () => {
    const url = new URL(serverUrl ?? '')
    url.pathname = `/${name}`
    const pools = Array.from({ length: 4 }, () => serverPool(url.href))
    const [first] = pools
    if (first === undefined) throw new Error('There are four pools')
    expect((await pendingMigrations(first)).length).toBe(migrationTexts().length)
    const done = (await Promise.all(pools.map((pool) => migrate(pool)))).flat()
    expect(done.length).toBe(migrationTexts().length)
    expect(await pendingMigrations(first)).toEqual([])
    const locks = await first.query(
      `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    )
    expect(locks.rows.length).toBe(0)
    await Promise.all(pools.map((pool) => pool.end()))
  })
})
