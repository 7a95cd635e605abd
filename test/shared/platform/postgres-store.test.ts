import { createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTemporaryStore } from '../../../local/drivers/embedded-store.ts'
import { templateCacheDir } from '../../../local/drivers/template-cache.ts'
import { openServerStore } from '../../../shared/platform/postgres-store.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { storeContract } from '../../contracts/store-contract.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

const serverUrl = process.env.HELIX_TEST_DATABASE_URL

storeContract('embedded', async () => openTemporaryStore(await templateCacheDir('.helix')))
if (serverUrl !== undefined) storeContract('server', openTestStore)

describe('openServerStore', () => {
  test('says within seconds that nothing listens, and never the password', async () => {
    await using listener = await listen((socket) => socket.destroy())
    await listener[Symbol.asyncDispose]()
    const problem = await refusal(`postgres://helix:s3cret-word@127.0.0.1:${listener.port}/app`)
    expect(problem).toMatchObject({ code: 'store_unavailable', retryAfter: 5 })
    expect(problem.message).toContain('ECONNREFUSED')
    expect(`${problem.message} ${problem.hint} ${problem.stack}`).not.toContain('s3cret-word')
  })

  test('says so when the server hangs up while greeting', async () => {
    await using listener = await listen((socket) => socket.destroy())
    expect(await refusal(`postgres://127.0.0.1:${listener.port}/app`)).toMatchObject({ code: 'store_unavailable' })
  })
})

describe.runIf(serverUrl !== undefined)('a store whose server misbehaves', () => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())

  test('answers store_unavailable to work whose connection is terminated, then goes on with a new one', async () => {
    const work = store.transaction(async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      await store.query('select pg_terminate_backend($1)', [rows[0]?.pid])
      await tx.query('select 1')
    })
    await expect(work).rejects.toMatchObject({ code: 'store_unavailable' })
    expect((await store.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  test('compiles no plan, whatever the planner guesses', async () => {
    const { rows } = await store.query<{ jit: string }>('show jit')
    expect(rows).toEqual([{ jit: 'off' }])
    const functions = await store.query<{ name: string; settings: string[] }>(
      `select proname as name, proconfig as settings from pg_proc where proconfig && '{plan_cache_mode=force_generic_plan}'`,
    )
    expect(functions.rows.map(({ name }) => name).sort()).toEqual(['helix_accept', 'helix_admit', 'helix_write'])
    for (const { settings } of functions.rows) expect(settings).toContain('jit=off')
  })

  test('survives the termination of its idle connections', async () => {
    await Promise.all(Array.from({ length: 5 }, () => store.query('select pg_sleep(0.01)')))
    const admin = new pg.Client({ connectionString: store.url ?? '' })
    await admin.connect()
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await admin.end()
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => store.query('select 1')))
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'store_unavailable' })
    }
    expect((await store.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  test('names a database that does not exist', async () => {
    const url = new URL(serverUrl ?? '')
    url.pathname = '/helix_no_such_database'
    const problem = await refusal(url.href)
    expect(problem).toMatchObject({ code: 'store_unavailable', hint: expect.stringContaining('name of the database') })
  })

  test('calls itself helix and keeps at most 20 connections', async () => {
    const names = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const answer = await store.query<{ name: string; pid: number }>(
          `select current_setting('application_name') as name, pg_backend_pid() as pid, pg_sleep(0.02)`,
        )
        return answer.rows[0]
      }),
    )
    expect(new Set(names.map((row) => row?.name))).toEqual(new Set(['helix']))
    expect(new Set(names.map((row) => row?.pid)).size).toBeLessThanOrEqual(20)
  })
})

async function refusal(url: string): Promise<Problem> {
  const { store } = openServerStore(url)
  try {
    await store.query('select 1')
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  } finally {
    await store.close()
  }
  throw new Error('The store answered')
}

async function listen(onSocket: (socket: Socket) => void) {
  const server = createServer(onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
