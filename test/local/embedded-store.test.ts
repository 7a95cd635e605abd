import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../local/drivers/embedded-postgres.ts'
import { openEmbeddedStore, storeTemplate } from '../../local/drivers/embedded-store.ts'
import { MIGRATIONS_DIR, migrate, pendingMigrations } from '../../local/drivers/migrate.ts'
import { templateCacheDir } from '../../local/drivers/template-cache.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const cacheDir = await templateCacheDir('.helix')

test('an embedded store keeps its rows when it is closed and opened again', async () => {
  await using folder = await temporaryFolder()
  const dir = join(folder.path, 'new', 'store')
  const first = await openEmbeddedStore(dir, cacheDir)
  await first.store.query('create table kept as select 1 as id')
  await first.store.close()
  const second = await openEmbeddedStore(dir, cacheDir)
  expect((await second.store.query('select id from kept')).rows).toEqual([{ id: 1 }])
  expect([first.migrated, second.migrated]).toEqual([[], []])
  await second.store.close()
})

test('an embedded store lets others have their turn between statements that take their time', async () => {
  await using folder = await temporaryFolder()
  const { store } = await openEmbeddedStore(join(folder.path, 'store'), cacheDir)
  let turns = 0
  const other = setInterval(() => {
    turns += 1
  }, 0)
  for (let statement = 1; statement <= 10; statement++)
    await store.query('select count(*) from generate_series(1, 200000)')
  clearInterval(other)
  expect(turns).toBeGreaterThanOrEqual(5)
  await store.close()
})

test('an embedded store loses nothing that was committed when its process is killed', async () => {
  await using folder = await temporaryFolder()
  const dir = join(folder.path, 'store')
  await openEmbeddedStore(dir, cacheDir).then(({ store }) => store.close())
  const module = pathToFileURL(join(import.meta.dirname, '../../local/drivers/embedded-store.ts')).href
  const script = `
    const { openEmbeddedStore } = await import(${JSON.stringify(module)})
    const { store } = await openEmbeddedStore(${JSON.stringify(dir)}, ${JSON.stringify(cacheDir)})
    await store.query('create table counted (n int)')
    for (let n = 1; ; n++) {
      await store.query('insert into counted values ($1)', [n])
      process.stdout.write(n + '\\n')
    }`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let committed = 0
  for await (const chunk of child.stdout) {
    committed = Number(String(chunk).trim().split('\n').at(-1))
    if (committed >= 50) break
  }
  child.kill('SIGKILL')
  if (child.signalCode === null) await once(child, 'exit')
  const { store } = await openEmbeddedStore(dir, cacheDir)
  const { rows } = await store.query<{ count: number; last: number }>('select count(*), max(n) as last from counted')
  expect(rows[0]?.count).toBeGreaterThanOrEqual(committed)
  expect(rows[0]?.count).toBe(rows[0]?.last)
  await store.close()
})

test('an older embedded store is brought to the newest schema, its rows kept', async () => {
  await using folder = await temporaryFolder()
  const [older, dir] = [join(folder.path, 'migrations'), join(folder.path, 'store')]
  await mkdir(older)
  await cp(join(MIGRATIONS_DIR, '0001_pipeline.sql'), join(older, '0001_pipeline.sql'))
  const old = await openEmbedded(dir, { template: storeTemplate(older), cacheDir })
  await old.pool.query(
    `insert into data_pipeline_tasks (id, task_type, status, parameters, created_at, concurrency_key)
     values ('task_20250627_143052', 'data_workflow', 'pending', '{}', '2025-06-27', 'highway_db')`,
  )
  await old.close()
  const { store, migrated } = await openEmbeddedStore(dir, cacheDir)
  expect(migrated).toContain('0002_workflows-and-operations')
  expect((await store.query('select id from data_pipeline_tasks')).rows).toEqual([{ id: 'task_20250627_143052' }])
  await store.close()
})

test('a migration that fails leaves the store as it was', async () => {
  await using folder = await temporaryFolder()
  const [dir, migrations] = [join(folder.path, 'store'), join(folder.path, 'migrations')]
  const embedded = await openEmbedded(dir, { template: storeTemplate(), cacheDir })
  await cp(MIGRATIONS_DIR, migrations, { recursive: true })
  await writeFile(join(migrations, '9001_good.sql'), 'create table good (id int);')
  await writeFile(join(migrations, '9002_bad.sql'), 'create table bad (id int); select 1 / 0;')
  await expect(migrate(embedded.pool, migrations)).rejects.toMatchObject({ code: '22012' })
  expect(await pendingMigrations(embedded.pool, migrations)).toEqual(['9001_good', '9002_bad'])
  await writeFile(join(migrations, '9002_bad.sql'), 'create table bad (id int);')
  expect(await migrate(embedded.pool, migrations)).toEqual(['9001_good', '9002_bad'])
  expect(await migrate(embedded.pool, migrations)).toEqual([])
  await embedded.close()
})

test('a directory that holds something else is not taken over', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'letter.txt'), 'mine')
  await expect(openEmbeddedStore(folder.path, cacheDir)).rejects.toThrow('holds something else')
})
