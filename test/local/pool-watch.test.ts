import pg from 'pg'
import { afterEach, describe, expect, type TestContext, test } from 'vitest'
import { placeIn, watchPool } from '../../local/drivers/pool-watch.ts'
import { postgresStore } from '../../shared/platform/postgres-store.ts'

const open: pg.Pool[] = []
afterEach(async () => {
  for (const pool of open.splice(0)) await pool.end()
})

function openPool(context: TestContext): pg.Pool {
  const url = process.env.HELIX_TEST_DATABASE_URL
  if (url === undefined) return context.skip('a pool connects by URL: set HELIX_TEST_DATABASE_URL')
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  open.push(pool)
  return pool
}

async function leak(pool: pg.Pool): Promise<pg.PoolClient> {
  return await pool.connect()
}

describe('a watched pool', () => {
  test('tells who has held a connection the longest, and nobody when all are back', async (context) => {
    const pool = openPool(context)
    const watch = watchPool(pool)
    expect(watch.read()).toEqual({ total: 0, idle: 0, waiting: 0, max: 2, longestCheckout: null })
    const client = await leak(pool)
    const { longestCheckout, ...counts } = watch.read()
    expect(counts).toEqual({ total: 1, idle: 0, waiting: 0, max: 2 })
    expect(longestCheckout?.place).toMatch(/^leak \(test\/local\/pool-watch\.test\.ts:\d+\)$/)
    client.release()
    expect(watch.read()).toMatchObject({ idle: 1, longestCheckout: null })
  })

  test('names who asked the store, not the store itself', async (context) => {
    const pool = openPool(context)
    const watch = watchPool(pool)
    const store = postgresStore({ pool, kind: 'server' })
    async function count() {
      await store.transaction(async (tx) => {
        await tx.query('select 1')
        expect(watch.read().longestCheckout?.place).toMatch(/^count \(test\/local\/pool-watch\.test\.ts:\d+\)$/)
      })
    }
    await count()
    expect(watch.read().longestCheckout).toBeNull()
  })

  test('takes back what nobody gives back, so that others are served', async (context) => {
    const pool = openPool(context)
    const watch = watchPool(pool)
    const leaked = [await leak(pool), await leak(pool)]
    const waiting = pool.connect()
    expect(watch.reclaim(60_000)).toBe(0)
    expect(watch.reclaim(-1)).toBe(2)
    ;(await waiting).release()
    for (const client of leaked) expect(() => client.release()).not.toThrow()
    expect(watch.read()).toMatchObject({ waiting: 0, longestCheckout: null })
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})

test.each([
  [
    'Error\n    at withClient (file:///a/b/shared/platform/postgres-store.ts:66:30)\n    at sweep (file:///a/b/shared/engine/sweep.ts:41:9)',
    'sweep (shared/engine/sweep.ts:41)',
  ],
  ['Error\n    at async file:///x/functions/tasks/list.ts:7:1', 'functions/tasks/list.ts:7'],
  ['Error\n    at Pool.x (/y/node_modules/pg-pool/index.js:1:2)', 'Pool.x (/y/node_modules/pg-pool/index.js:1)'],
  ['', 'unknown'],
])('the place in %j is %j', (stack, place) => {
  expect(placeIn(stack)).toBe(place)
})
