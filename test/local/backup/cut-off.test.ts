import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkArchive } from '../../../local/backup/archive-reader.ts'
import { type Ended, endRestore, holdRestore } from '../../../local/backup/cut-off.ts'
import { removeUnfinished } from '../../../local/backup/place-backup.ts'
import { restore } from '../../../local/backup/restore.ts'
import { takeBackup } from '../../../local/backup/take-backup.ts'
import { diskFiles } from '../../../local/drivers/disk-files.ts'
import { openServerStore } from '../../../shared/platform/postgres-store.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { clearStore, insertTask, putOutput } from '../../support/store-factory.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

const here = (name: string) => pathToFileURL(join(import.meta.dirname, name)).href
const clock = manualClock()
const isServer = (process.env.HELIX_TEST_DATABASE_URL ?? '') !== ''
const SLOW = 180_000 // a process of its own that makes an embedded store

let store: TestStore
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const path = (...names: string[]) => join(folder.path, ...names)
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  folder = await temporaryFolder()
  await clearStore(store)
  const files = diskFiles(path('source'))
  const taskId = await insertTask(store)
  await putOutput({ store, files, clock }, taskId, 'a.md', '# new\n')
  await takeBackup({ store, files, clock }, path('a.tar.gz'))
  return () => folder[Symbol.asyncDispose]()
})

/** Restores in a process of its own, which dies before that change. @returns how it ended, and what it had come to */
async function restoreAndDie(before: string, url: string | null) {
  const target = { url, dataDir: path('data'), filesRoot: path('files') }
  const script = `
    const { restore } = await import('${here('../../../local/backup/restore.ts')}')
    const options = { replace: true, stamp: '20250627_143052' }
    await restore(${JSON.stringify(path('a.tar.gz'))}, ${JSON.stringify(target)}, options)`
  const env = { ...process.env, DIE_BEFORE: before, DIE_BELOW: folder.path }
  const args = ['--import', 'tsx', '--import', here('../../support/die-before.ts'), '--input-type=module', '-e', script]
  return await new Promise<{ signal: string | null; changes: string[] }>((tell, fail) => {
    execFile(process.execPath, args, { env }, (error, out, words) => {
      if (error !== null && error.signal !== 'SIGKILL') fail(new Error(words))
      else tell({ signal: error?.signal ?? null, changes: out.trim().split('\n') })
    })
  })
}

async function putOldFiles(...dir: string[]): Promise<void> {
  await mkdir(path(...dir), { recursive: true })
  await writeFile(path(...dir, 'mine'), 'old')
}

const kindsOf = (ended: readonly Ended[]) => ended.map(({ kind }) => kind)
const remains = async (...dir: string[]) => (await readdir(path(...dir))).filter((name) => name.includes('restoring'))

describe('a restore into an embedded store that is killed', () => {
  test.each<[string, 'old' | 'new', Ended['kind'][]]>([
    ['writeFile files.restoring.pid..tmp', 'old', []],
    ['mkdir files.restoring', 'old', []],
    ['renameSync .helix-tmp-', 'old', ['removed']],
    ['truncate', 'old', ['removed', 'removed']],
    ['commit', 'old', ['removed', 'removed']],
    ['rename files.restoring.json.tmp', 'old', ['removed', 'removed']],
    ['rename store', 'new', ['finished']],
    ['rename store.restoring', 'new', ['finished']],
    ['rename files', 'new', ['finished']],
    ['rename files.restoring', 'new', ['finished']],
    ['rm files.restoring.json', 'new', ['finished']],
    ['rm files.restoring.pid', 'new', []],
  ])(
    'before it comes to "%s" leaves store and files %s once it is ended',
    async (before, expected, kinds) => {
      await putOldFiles('data', 'store')
      await putOldFiles('files')
      expect(await restoreAndDie(before, null)).toMatchObject({ signal: 'SIGKILL' })
      const ended: Ended[] = []
      await endRestore({ HELIX_DATA_DIR: path('data'), HELIX_FILES_ROOT: path('files') }, (one) => ended.push(one))
      expect(kindsOf(ended)).toEqual(kinds)
      const [files, kept] = [path('files'), path('files.replaced-20250627_143052')]
      expect(existsSync(path('data', 'store', 'mine'))).toBe(expected === 'old')
      expect(existsSync(join(files, 'mine'))).toBe(expected === 'old')
      expect(await readFile(join(expected === 'old' ? files : kept, 'mine'), 'utf8')).toBe('old') // nothing is lost
      expect((await remains()).filter((name) => !name.endsWith('.tmp'))).toEqual([])
      expect(await remains('data')).toEqual([])
    },
    SLOW,
  )

  test(
    'is followed by one that tells of it and restores everything',
    async () => {
      await restoreAndDie('commit', null)
      const ended: Ended[] = []
      const target = { url: null, dataDir: path('data'), filesRoot: path('files') }
      const options = { replace: false, stamp: '20250627_143053', onEnded: (one: Ended) => ended.push(one) }
      const { manifest } = await restore(path('a.tar.gz'), target, options)
      expect(kindsOf(ended)).toEqual(['removed', 'removed'])
      expect([await remains(), await remains('data'), manifest.files.length]).toEqual([[], [], 1])
    },
    SLOW,
  )
})

describe.runIf(isServer)('a restore into a database of a server that is killed', () => {
  test.each<[string, 'old' | 'new', Ended['kind'][]]>([
    ['truncate', 'old', ['removed']],
    ['insert into "data_pipeline_tasks"', 'old', ['removed']],
    ['rename files', 'old', ['undone', 'removed']],
    ['rename files.restoring', 'old', ['undone', 'removed']],
    ['analyze', 'new', ['finished']],
    ['rm files.restoring.json', 'new', ['finished']],
  ])(
    'before it comes to "%s" leaves its rows and the files %s once it is ended',
    async (before, expected, kinds) => {
      const name = `helix_test_${randomUUID().replaceAll('-', '')}`
      const url = (store.url ?? '').replace(/[^/]+$/, name)
      await store.query(`create database ${name}`)
      try {
        await putOldFiles('files')
        expect(await restoreAndDie(before, url)).toMatchObject({ signal: 'SIGKILL' })
        const ended: Ended[] = []
        const config = { DATABASE_URL: url, HELIX_DATA_DIR: path('data'), HELIX_FILES_ROOT: path('files') }
        await endRestore(config, (one) => ended.push(one))
        const { store: left } = openServerStore(url)
        const { rowCount } = await left.query('select from data_pipeline_tasks').finally(() => left.close())
        expect(kindsOf(ended)).toEqual(kinds)
        expect(rowCount).toBe(expected === 'old' ? 0 : 1)
        expect(existsSync(path('files', 'mine'))).toBe(expected === 'old')
        expect((await remains()).filter((found) => !found.endsWith('.tmp'))).toEqual([])
      } finally {
        await store.query(`drop database if exists ${name} with (force)`)
      }
    },
    SLOW,
  )
})

test('neither a restore nor a start goes on beside a restore that is under way', async () => {
  const held = await holdRestore(path('files'))
  await mkdir(path('files.restoring-20250627_143052'))
  const target = { url: null, dataDir: path('data'), filesRoot: path('files') }
  const refused = { code: 'restore_refused', message: expect.stringContaining(`under way: process ${process.pid}`) }
  await expect(restore(path('a.tar.gz'), target, { replace: true, stamp: '1' })).rejects.toMatchObject(refused)
  const start = endRestore({ HELIX_DATA_DIR: path('data'), HELIX_FILES_ROOT: path('files') })
  await expect(start).rejects.toMatchObject(refused)
  expect(await remains()).toContain('files.restoring-20250627_143052')
  await held.release()
})

test('an archive that was cut off anywhere is refused with words that a person understands', async () => {
  const whole = await readFile(path('a.tar.gz'))
  for (let length = 0; length < whole.length; length += 97) {
    await writeFile(path('half.tar.gz'), whole.subarray(0, length))
    const reason = await checkArchive(path('half.tar.gz')).catch((error: Error) => error.message)
    expect(reason).toMatch(/half\.tar\.gz can not be restored: It(s manifest is missing: it was never finished| ends)/)
  }
})

test('what a backup has left that was cut off goes with the next one, and what is being written stays', async () => {
  const left = `helix_20250626_020000.tar.gz.${randomUUID()}.tmp`
  const growing = `helix_20250627_143000.tar.gz.${randomUUID()}.tmp`
  const mine = 'mine.tar.gz.tmp'
  const at = (minutes: number) => clock.now().getTime() / 1000 - minutes * 60
  for (const [name, minutes] of [
    [left, 60],
    [growing, 59],
    [mine, 600],
  ] as const) {
    await writeFile(path(name), 'half')
    await utimes(path(name), at(minutes), at(minutes))
  }
  expect(await removeUnfinished(folder.path, clock)).toEqual([left])
  expect(await readdir(folder.path)).toEqual(expect.arrayContaining([growing, mine]))
})
