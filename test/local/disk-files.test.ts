import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { diskFiles } from '../../local/drivers/disk-files.ts'
import { filesContract } from '../contracts/files-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

filesContract('disk', async () => {
  const folder = await temporaryFolder()
  return {
    files: diskFiles(join(folder.path, 'not', 'made', 'yet')),
    close: async () => await folder[Symbol.asyncDispose](),
  }
})

describe('files on a disk', () => {
  test('do not follow links out of the root', async () => {
    await using folder = await temporaryFolder()
    const root = join(folder.path, 'root')
    await mkdir(root)
    await mkdir(join(folder.path, 'outside'))
    await writeFile(join(folder.path, 'outside', 'secret.txt'), 'secret')
    await symlink(join(folder.path, 'outside'), join(root, 'folder'))
    await symlink(join(folder.path, 'outside', 'secret.txt'), join(root, 'file.txt'))
    const files = diskFiles(root)
    for (const key of ['folder/secret.txt', 'file.txt', 'folder/new.txt']) {
      await expect(files.get(key)).rejects.toMatchObject({ code: 'invalid_file_name' })
      await expect(files.put(key, 'x')).rejects.toMatchObject({ code: 'invalid_file_name' })
      await expect(files.append(key, 'x')).rejects.toMatchObject({ code: 'invalid_file_name' })
    }
    expect((await files.list('')).files).toEqual([])
    expect(await readdir(join(folder.path, 'outside'))).toEqual(['secret.txt'])
  })

  test('may lie behind a link themselves', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'real'))
    await symlink(join(folder.path, 'real'), join(folder.path, 'root'))
    const files = diskFiles(join(folder.path, 'root'))
    await files.put('task/a.txt', 'x')
    expect((await files.list('')).files.map((file) => file.key)).toEqual(['task/a.txt'])
  })

  test('say which directory they need when a file is in the way', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    const root = join(folder.path, 'file', 'training_data')
    await expect(diskFiles(root).put('task/a.txt', 'x')).rejects.toMatchObject({
      code: 'files_unavailable',
      hint: expect.stringContaining(`HELIX_FILES_ROOT is ${root}`),
    })
  })

  test.skipIf(process.getuid?.() === 0)('say so when the directory may not be written', async () => {
    await using folder = await temporaryFolder()
    await chmod(folder.path, 0o555)
    const put = diskFiles(folder.path).put('task/a.txt', 'x')
    await expect(put).rejects.toMatchObject({ code: 'files_unavailable', message: expect.stringContaining('EACCES') })
  })

  test.runIf(process.platform === 'linux')('say so when the disk is full, and leave nothing behind', async () => {
    await using folder = await temporaryFolder()
    await symlink('/dev', join(folder.path, 'root'))
    const append = diskFiles(join(folder.path, 'root')).append('full', 'x')
    await expect(append).rejects.toMatchObject({
      code: 'files_unavailable',
      message: expect.stringContaining('ENOSPC'),
      hint: expect.stringContaining('free some space'),
    })
  })

  test('make folders that others may enter, and remove empty ones', async () => {
    await using folder = await temporaryFolder()
    const files = diskFiles(folder.path)
    await files.put('task_1/deep/a.txt', 'x')
    expect((await stat(join(folder.path, 'task_1'))).mode & 0o755).toBe(0o755)
    await files.delete(['task_1/deep/a.txt'])
    expect(await readdir(folder.path)).toEqual([])
  })

  test('refuse a name that the disk can not hold', async () => {
    await using folder = await temporaryFolder()
    const put = diskFiles(folder.path).put(`task/${'a'.repeat(300)}`, 'x')
    await expect(put).rejects.toMatchObject({ code: 'invalid_file_name' })
  })
})
