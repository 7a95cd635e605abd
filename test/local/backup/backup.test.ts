import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkArchive } from '../../../local/backup/archive-reader.ts'
import { compareStore } from '../../../local/backup/load-store.ts'
import type { Manifest } from '../../../local/backup/manifest.ts'
import { restore } from '../../../local/backup/restore.ts'
import { ownTableNames, readTables } from '../../../local/backup/store-tables.ts'
import { takeBackup } from '../../../local/backup/take-backup.ts'
import { verifyBackup } from '../../../local/backup/verify-backup.ts'
import { diskFiles } from '../../../local/drivers/disk-files.ts'
import { openEmbeddedStore } from '../../../local/drivers/embedded-store.ts'
import { templateCacheDir } from '../../../local/drivers/template-cache.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import type { Files } from '../../../shared/platform/files.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { clearStore, insertExecution, insertLogs, insertTask, putOutput } from '../../support/store-factory.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

const clock = manualClock()

let store: TestStore
let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  folder = await temporaryFolder()
  await clearStore(store)
  return () => folder[Symbol.asyncDispose]()
})

const path = (...names: string[]) => join(folder.path, ...names)

function world(files: Files = diskFiles(path('files'))) {
  return { store, files, clock }
}

/** A store with something of every kind of value, and files that its rows name. */
async function fill(): Promise<string> {
  const taskId = await insertTask(store, { status: 'in_progress', businessContext: '订单 \'a\' \\ "b"\n😀\t{}' })
  await insertExecution(store, { status: 'completed' })
  const lines = Array.from({ length: 2_500 }, (_, index) => ({
    message: `第 ${index} 行`,
    extra: { n: 1e21, t: '\\u0041' },
  }))
  await insertLogs(store, taskId, lines)
  await putOutput(world(), taskId, '订单 detail.md', '# 订单\n')
  await putOutput(world(), taskId, 'data_pipeline.log', 'grows\n', { hashed: false })
  await store.query(
    `insert into langchain_pg_embedding (id, embedding, document, cmetadata)
     values ('a-sql', $1, 'd', '{"id": "a-sql"}'), ('b-sql', null, null, null)`,
    [store.kind === 'embedded' ? '[0.1,1e-05,3]' : '{0.1,1e-05,3}'],
  )
  await store.query(
    `insert into local_queue_messages (message, sent_at, visible_at)
     values ('{"b": 1,  "a": 1.10}', '2025-06-27 06:30:52.123456+00', 'infinity')`,
  )
  return taskId
}

async function restoredStore<T>(dataDir: string, look: (store: TestStore) => Promise<T>): Promise<T> {
  const opened = await openEmbeddedStore(join(dataDir, 'store'), await templateCacheDir(dataDir))
  return await look({ ...opened.store, url: null }).finally(() => opened.store.close())
}

function target(name: string) {
  return { url: null, dataDir: path(name), filesRoot: path(`${name}-files`) }
}

const OPTIONS = { replace: false, stamp: '20250627_143052' }

test('every table that a migration makes is in a backup', async () => {
  const { rows } = await store.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'helix_migrations'`,
  )
  const tables = await readTables(store)
  expect(tables.map(({ name }) => name).toSorted()).toEqual(rows.map(({ name }) => name).toSorted())
  expect(new Set(tables.map(({ name }) => name)).size).toBeLessThanOrEqual(ownTableNames().length)
})

test('a backup restored elsewhere has the same rows and bytes, and goes on counting where it was', async () => {
  const taskId = await fill()
  const manifest = await takeBackup(world(), path('a.tar.gz'))
  expect((await stat(path('a.tar.gz'))).mode & 0o077).toBe(0)
  await restore(path('a.tar.gz'), target('other'), OPTIONS)
  expect(await readFile(path('other-files', taskId, '订单 detail.md'), 'utf8')).toBe('# 订单\n')
  await restoredStore(path('other'), async (restored) => {
    await compareStore(restored, manifest)
    const [line] = await insertLogs(restored, taskId, [{ message: 'next' }])
    const [here] = await insertLogs(store, taskId, [{ message: 'next' }])
    expect(line).toBe(here)
    const { rows } = await restored.query('select message::text as text, sent_at::text from local_queue_messages')
    expect(rows).toEqual([{ text: '{"b": 1,  "a": 1.10}', sent_at: expect.stringContaining('.123456') }])
    await restored.query('delete from data_pipeline_tasks')
    expect((await restored.query('select from data_pipeline_task_logs')).rowCount).toBe(0) // triggers work again
  })
})

test('a backup that was restored on trial leaves nothing behind', async () => {
  await fill()
  await takeBackup(world(), path('a.tar.gz'))
  expect(await verifyBackup(path('a.tar.gz'), path('data'))).toMatchObject({ store: store.kind, differing: [] })
  expect((await readdir(folder.path)).toSorted()).toEqual(['a.tar.gz', 'files'])
})

test('a file that is replaced while it is copied is copied again as the rows know it', async () => {
  const taskId = await fill()
  const disk = diskFiles(path('files'))
  let replaced = false
  const files: Files = {
    ...disk,
    get: async (key, range) => {
      const found = await disk.get(key, range)
      if (key.endsWith('detail.md') && !replaced) {
        replaced = true
        await store.query(`delete from data_pipeline_task_outputs where file_name = '订单 detail.md'`)
        await putOutput(world(), taskId, '订单 detail.md', '# 新的订单\n')
      }
      return found
    },
  }
  const { differing } = await takeBackup(world(files), path('a.tar.gz'))
  await restore(path('a.tar.gz'), target('other'), OPTIONS)
  expect(differing).toEqual([])
  expect(await readFile(path('other-files', taskId, '订单 detail.md'), 'utf8')).toBe('# 新的订单\n')
})

test('a file that is not what its row says is kept as it is, and named', async () => {
  const taskId = await fill()
  await diskFiles(path('files')).put(`${taskId}/订单 detail.md`, 'spoilt')
  const { differing } = await takeBackup(world(), path('a.tar.gz'))
  expect(differing).toEqual([expect.objectContaining({ key: `${taskId}/订单 detail.md` })])
  await verifyBackup(path('a.tar.gz'), path('data'))
})

describe('an archive is refused, and nothing is changed,', () => {
  async function refused(spoil: (bytes: Buffer) => Buffer): Promise<string> {
    await fill()
    await takeBackup(world(), path('a.tar.gz'))
    await writeFile(path('a.tar.gz'), spoil(await readFile(path('a.tar.gz'))))
    const error = await restore(path('a.tar.gz'), target('other'), OPTIONS).then(
      () => 'restored',
      (thrown: { code?: string }) => String(thrown.code),
    )
    expect((await readdir(folder.path)).toSorted()).toEqual(['a.tar.gz', 'files'])
    return error
  }

  test('when it is cut short', async () => {
    expect(await refused((bytes) => bytes.subarray(0, bytes.length - 100))).toBe('backup_invalid')
  })
  test('when a byte of it is another', async () => {
    expect(await refused((bytes) => Buffer.from(bytes.map((byte, at) => (at === 900 ? byte ^ 1 : byte))))).toBe(
      'backup_invalid',
    )
  })
  test('when it is something else', async () => {
    expect(await refused(() => Buffer.from('a letter'))).toBe('backup_invalid')
  })
})

test('a restore gives up what is there only when it is told to, and keeps it aside', async () => {
  const taskId = await fill()
  await takeBackup(world(), path('a.tar.gz'))
  await restore(path('a.tar.gz'), target('other'), OPTIONS)
  await writeFile(path('other-files', 'mine'), 'mine')
  await expect(restore(path('a.tar.gz'), target('other'), OPTIONS)).rejects.toMatchObject({ code: 'restore_refused' })
  const { kept } = await restore(path('a.tar.gz'), target('other'), { ...OPTIONS, replace: true })
  expect(kept).toEqual([path('other', 'store.replaced-20250627_143052'), path('other-files.replaced-20250627_143052')])
  expect(await readFile(path('other-files.replaced-20250627_143052', 'mine'), 'utf8')).toBe('mine')
  expect(await readdir(path('other-files'))).toEqual([taskId])
})

test('a restore whose files cannot change place leaves the old store and the old files', async () => {
  await fill()
  await takeBackup(world(), path('a.tar.gz'))
  await restore(path('a.tar.gz'), target('other'), OPTIONS)
  await writeFile(path('other-files', 'mine'), 'mine')
  await writeFile(path('other', 'store', 'mine'), 'mine')
  const taken = path('other-files.replaced-20250627_143052')
  await mkdir(taken)
  await writeFile(join(taken, 'older'), 'older')
  const failing = restore(path('a.tar.gz'), target('other'), { ...OPTIONS, replace: true })
  await expect(failing).rejects.toThrow('ENOTEMPTY')
  expect(await readFile(path('other', 'store', 'mine'), 'utf8')).toBe('mine')
  expect(await readFile(path('other-files', 'mine'), 'utf8')).toBe('mine')
  expect((await readdir(folder.path)).filter((name) => name.includes('restoring'))).toEqual([])
  expect((await readdir(path('other'))).filter((name) => name.startsWith('store.'))).toEqual([])
})

test('a restore that was cut off between its folders is ended by the next one', async () => {
  await mkdir(path('new'))
  await mkdir(path('store.new'))
  const swaps = [
    { from: path('store.new'), to: path('store'), kept: path('store.old') },
    { from: path('new'), to: path('other-files'), kept: null },
  ]
  await mkdir(path('store.old')) // the first folder was on its way
  await writeFile(path('other-files.restoring.json'), JSON.stringify({ swaps, transaction: null }))
  const next = restore(path('missing.tar.gz'), target('other'), OPTIONS)
  await expect(next).rejects.toThrow()
  expect((await readdir(folder.path)).toSorted()).toEqual(['other-files', 'store', 'store.old'])
})

test('a restore that was cut off between its folders is ended by the runner that starts next', async () => {
  await mkdir(path('new'))
  await writeFile(path('new', 'metadata.txt'), 'restored')
  const swaps = [{ from: path('new'), to: path('tasks'), kept: null }]
  await writeFile(path('tasks.restoring.json'), JSON.stringify({ swaps, transaction: null }))
  const env = { HELIX_DATA_DIR: path('data'), HELIX_FILES_ROOT: path('tasks') }
  const runner = await openRunner(parseConfig(env), { quiet: true, works: false })
  await runner.stop()
  expect(await readFile(path('tasks', 'metadata.txt'), 'utf8')).toBe('restored')
  expect(await readdir(folder.path)).not.toContain('tasks.restoring.json')
})

test('a backup of a newer Helix is refused', async () => {
  await takeBackup(world(), path('a.tar.gz'))
  const manifest: Manifest = await checkArchive(path('a.tar.gz'))
  await rm(path('files'), { recursive: true, force: true })
  await store.query(`insert into helix_migrations (name, run_on) values ('9999_later', '2025-06-27')`)
  await takeBackup(world(), path('a.tar.gz')).finally(() =>
    store.query(`delete from helix_migrations where name = '9999_later'`),
  )
  await expect(restore(path('a.tar.gz'), target('other'), OPTIONS)).rejects.toMatchObject({ code: 'restore_refused' })
  expect(manifest.migrations).not.toContain('9999_later')
})
