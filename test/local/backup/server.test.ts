import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareStore } from '../../../local/backup/load-store.ts'
import { restore } from '../../../local/backup/restore.ts'
import { takeBackup } from '../../../local/backup/take-backup.ts'
import { verifyBackup } from '../../../local/backup/verify-backup.ts'
import { diskFiles } from '../../../local/drivers/disk-files.ts'
import { openServerStore } from '../../../shared/platform/postgres-store.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { insertLogs, insertTask, putOutput } from '../../support/store-factory.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore } from '../../support/test-store.ts'

const isServer = (process.env.HELIX_TEST_DATABASE_URL ?? '') !== ''

test.runIf(isServer)(
  'a backup of a server is restored on another database of it, and on an embedded store',
  async () => {
    await using folder = await temporaryFolder()
    const path = (...names: string[]) => join(folder.path, ...names)
    const from = await openTestStore()
    const name = `helix_test_${randomUUID().replaceAll('-', '')}`
    const url = (from.url ?? '').replace(/[^/]+$/, name)
    try {
      await from.query(`create database ${name}`)
      const clock = manualClock()
      const files = diskFiles(path('files'))
      const taskId = await insertTask(from)
      await insertLogs(from, taskId, [{ message: '一' }, { message: 'two' }])
      await putOutput({ store: from, files, clock }, taskId, 'a.md', '# a\n')
      await from.query(`insert into langchain_pg_embedding (id, embedding) values ('a-sql', '{0.1,1e-05}')`)
      const manifest = await takeBackup({ store: from, files, clock }, path('a.tar.gz'))
      await verifyBackup(path('a.tar.gz'), path('data'))
      const target = { url, dataDir: path('data'), filesRoot: path('restored') }
      const options = { replace: false, stamp: '1' }
      await restore(path('a.tar.gz'), target, options)
      const { store: to } = openServerStore(url)
      await compareStore(to, manifest)
      const whileOpen = restore(
        path('a.tar.gz'),
        { ...target, filesRoot: path('second') },
        { ...options, replace: true },
      )
      await expect(whileOpen).rejects.toMatchObject({
        code: 'restore_refused',
        message: expect.stringContaining('open'),
      })
      await to.query(`delete from data_pipeline_task_logs`)
      await to.close()
      await mkdir(path('restored.replaced-1'))
      await writeFile(path('restored.replaced-1', 'older'), 'older') // its place is taken: the files can't change theirs
      await writeFile(path('restored', 'mine'), 'mine')
      const failing = restore(path('a.tar.gz'), target, { ...options, replace: true })
      await expect(failing).rejects.toThrow('ENOTEMPTY')
      expect(await readFile(path('restored', 'mine'), 'utf8')).toBe('mine')
      expect((await readdir(folder.path)).filter((found) => found.includes('restoring'))).toEqual([])
      const { store: old } = openServerStore(url)
      expect((await old.query('select from data_pipeline_task_logs')).rowCount).toBe(0)
      await old.close()
      const again = restore(path('a.tar.gz'), { ...target, filesRoot: path('third') }, options)
      await expect(again).rejects.toMatchObject({
        code: 'restore_refused',
        message: expect.stringContaining('not empty'),
      })
    } finally {
      await from.query(`drop database if exists ${name} with (force)`)
      await from.close()
    }
  },
)
