import pg from 'pg'
import { describe, expect, type TestContext, test } from 'vitest'
import { DATABASE_CHECKS } from '../../../../shared/ops/database/checks/all.ts'
import { type CheckResult, checkDatabase } from '../../../../shared/ops/database/report.ts'
import type { Server } from '../../../../shared/ops/database/server.ts'
import { postgresStore } from '../../../../shared/platform/postgres-store.ts'
import type { Store } from '../../../../shared/platform/store.ts'
import { engineKit } from '../../../support/engine-kit.ts'

const kit = engineKit()

async function ask(name: string, store: Store = kit.store): Promise<CheckResult> {
  const { results } = await checkDatabase(
    { store },
    DATABASE_CHECKS.filter((check) => check.name === name),
  )
  const [result] = results
  if (result === undefined) throw new Error(`There is no check ${name}`)
  return result
}

const subjects = ({ subjects: found }: CheckResult) => found.map(({ name, detail }) => `${name}: ${detail}`)

test('every check answers on this store, and none finds a defect of the schema itself', async () => {
  const { server, results } = await checkDatabase({ store: kit.store })
  expect(results.length).toBeGreaterThanOrEqual(30)
  expect(new Set(results.map(({ check }) => check.name)).size).toBe(results.length)
  const found = results.filter(({ status }) => status === 'found').map(({ check }) => check.name)
  const ofSchema = ['duplicate_indexes', 'invalid_indexes', 'foreign_keys_without_index', 'sequences_near_end']
  expect(found.filter((name) => ofSchema.includes(name))).toEqual([])
  expect(server.seesAll).toBe(true)
  for (const { check, status, reason } of results) {
    if (status === 'not_applicable') expect(reason, check.name).not.toBeNull()
    for (const text of [check.meaning, check.nextStep]) expect(text.zh).toMatch(/\p{Script=Han}/u)
  }
})

test('the embedded database says what it has nothing of', async (context) => {
  if (kit.store.kind !== 'embedded') context.skip('this store is on a server')
  expect(await ask('connections_near_limit')).toMatchObject({ status: 'not_applicable', found: 0 })
  expect((await ask('durability')).reason?.zh).toContain('内嵌')
  expect((await ask('vector_missing')).status).toBe('ok')
})

describe('what is planted is found', () => {
  test('two indexes that say the same', async () => {
    await kit.store.query('create table doubled (a int, b int)')
    await kit.store.query('create index doubled_one on doubled (a)')
    await kit.store.query('create index doubled_two on doubled (a)')
    await kit.store.query('create index doubled_other on doubled (b)')
    expect(subjects(await ask('duplicate_indexes'))).toEqual(['public.doubled_one = public.doubled_two: 16.0 kB'])
    await kit.store.query('drop table doubled')
    expect((await ask('duplicate_indexes')).status).toBe('ok')
  })

  test('an invalid index', async () => {
    await kit.store.query('create table half (a int)')
    await kit.store.query('create index half_built on half (a)')
    await kit.store.query(`update pg_index set indisvalid = false where indexrelid = 'half_built'::regclass`)
    expect(subjects(await ask('invalid_indexes'))).toEqual(['public.half_built: 8.0 kB'])
    await kit.store.query('drop table half')
  })

  test('a sequence near its end', async () => {
    await kit.store.query('create sequence ending as smallint')
    await kit.store.query(`select setval('ending', 32000)`)
    const result = await ask('sequences_near_end')
    expect(result).toMatchObject({
      severity: 'P0',
      subjects: [{ name: 'public.ending', detail: '32,000 / 32,767 (98 %)' }],
    })
    await kit.store.query('drop sequence ending')
  })

  test('dead rows, statistics that were never gathered, and a foreign key without an index', async () => {
    await kit.store.query('create table parent (id int primary key)')
    await kit.store.query('create table child (parent_id int references parent)')
    await kit.store.query('insert into parent select generate_series(1, 3000)')
    await kit.store.query('insert into child select generate_series(1, 3000)')
    await kit.store.query('delete from child where parent_id % 2 = 0')
    expect(subjects(await ask('dead_rows'))).toEqual(['public.child: 1,500 / 3,000 (50 %)'])
    expect(subjects(await ask('statistics_missing'))).toEqual(['public.parent: 3,000', 'public.child: 1,500'])
    await kit.store.query('analyze child')
    expect(subjects(await ask('foreign_keys_without_index'))).toEqual(['public.child: child_parent_id_fkey, 1,500'])
    await kit.store.query('drop table child, parent')
  })

  test('a table that is mostly empty space', async () => {
    await kit.store.query('create table hollow (a int, b text)')
    await kit.store.query(`insert into hollow select n, repeat('x', 1000) from generate_series(1, 20000) n`)
    await kit.store.query('delete from hollow where a % 10 <> 0')
    await kit.store.query('vacuum (analyze) hollow')
    expect((await ask('table_bloat')).subjects).toMatchObject([{ name: 'public.hollow', severity: 'P2' }])
    await kit.store.query('drop table hollow')
  })

  test('a table that has more than doubled within a week', async () => {
    const write = (at: string, megabytes: number) =>
      kit.store.query(
        `insert into metric_samples (metric, labels, at, value, instance)
         values ('database_table_bytes', '{"table": "public.big"}', $1, $2::float8 * 1048576, 'store')`,
        [at, megabytes],
      )
    await write('2025-01-01', 1)
    await write('2025-06-01', 200)
    await write('2025-06-06', 500)
    const result = await ask('table_growth')
    await kit.store.query('delete from metric_samples')
    expect(subjects(result)).toEqual(['public.big: 200 MB → 500 MB (5 d)'])
  })
})

describe('a judgement is made from rows alone:', () => {
  const server = {
    version: 150_000,
    settings: { max_connections: '100', superuser_reserved_connections: '3' },
    statisticsSeconds: 86_400 * 10,
    databaseBytes: 4 * 1024 ** 3,
  } as unknown as Server
  test.each([
    ['connections_near_limit', [{ used: 60 }], []],
    ['connections_near_limit', [{ used: 80 }], ['80 / 97 (82 %)']],
    ['connections_near_limit', [{ used: 97 }], ['97 / 97 (100 %)']],
    ['cache_hits', [{ hit: 50, read: 50 }], []],
    ['cache_hits', [{ hit: 900_000, read: 100_000 }], ['90 %']],
    ['deadlocks', [{ deadlocks: 9 }], []],
    ['deadlocks', [{ deadlocks: 20 }], ['20 (2.0 / d)']],
    ['transaction_ids', [{ name: 'a', age: 200_000_000 }], []],
    ['transaction_ids', [{ name: 'a', age: 1_900_000_000 }], ['1,900,000,000 (88 %)']],
    ['replication_lag', [{ name: 'b', seconds: 3, behind: 10 }], []],
    ['replication_lag', [{ name: 'b', seconds: 300, behind: 2048 }], ['5 min, 2.0 kB']],
    ['checkpoints_requested', [{ timed: 10, requested: 30 }], ['30 / 40']],
    ['shared_buffers_small', [{ size: 128 * 1024 ** 2 }], ['128 MB / 4.0 GB']],
    ['durability', [{ name: 'fsync' }, { name: 'synchronous_commit' }], ['off', 'off']],
    ['checksum_failures', [{ failures: 2 }], ['2']],
    ['version_old', [{ version: '13.9' }], []],
  ])('%s of %j finds %j', (name, rows, details) => {
    const check = DATABASE_CHECKS.find((one) => one.name === name)
    expect(check?.judge(rows, server).map(({ detail }) => detail)).toEqual(details)
  })
})

test('a role of small privileges is told what it could not see, and sees what it may', async (context: TestContext) => {
  const { url } = kit.store
  if (url === null) return context.skip('only a server has roles: set HELIX_TEST_DATABASE_URL')
  await kit.store.query('drop role if exists helix_small')
  await kit.store.query(`create role helix_small login password 'small-pass'`)
  const other = new pg.Client({ connectionString: url, application_name: 'psql' })
  await other.connect()
  await other.query('begin')
  const small = new URL(url)
  Object.assign(small, { username: 'helix_small', password: 'small-pass' })
  const pool = new pg.Pool({ connectionString: small.href, max: 1 })
  const store = postgresStore({ pool, kind: 'server' })
  try {
    const { server, results } = await checkDatabase({ store })
    expect([server.role, server.seesAll]).toEqual(['helix_small', false])
    expect(server.hiddenSessions).toBeGreaterThan(0)
    const byName = new Map(results.map((result) => [result.check.name, result]))
    expect(byName.get('idle_in_transaction')).toMatchObject({ status: 'not_seen' })
    expect(byName.get('idle_in_transaction')?.reason?.en).toContain('pg_monitor')
    expect(byName.get('table_growth')).toMatchObject({ status: 'not_seen' })
    expect(byName.get('connections_too_few')).toMatchObject({ status: 'ok' })
  } finally {
    await store.close()
    await other.end()
    await kit.store.query('drop role helix_small')
  }
})
