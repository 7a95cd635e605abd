import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tableLists } from '../../local/drivers/table-lists.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a list is looked for in each folder in turn, then in the fallback', async () => {
  await using folder = await temporaryFolder()
  const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')]
  await mkdir(join(first, 'deep'), { recursive: true })
  await mkdir(second)
  await writeFile(join(first, 'both.txt'), 'from first')
  await writeFile(join(second, 'both.txt'), 'from second')
  await writeFile(join(second, 'second.txt'), '\uFEFFfrom second')
  await writeFile(join(first, 'deep', 'a.txt'), 'deep')
  const lists = tableLists({
    dir: first,
    filesRoot: second,
    sources: { tableList: (name) => (name === 'tables.txt' ? 'bundled' : null) },
  })
  const names = ['both.txt', 'second.txt', 'deep/a.txt', 'tables.txt', 'none.txt']
  expect(await Promise.all(names.map((name) => lists.read(name)))).toEqual([
    'from first',
    'from second',
    'deep',
    'bundled',
    null,
  ])
})

test.each([
  ['a folder up', '../outside.txt'],
  ['a folder up in the middle', 'a/../../outside.txt'],
  ['an absolute path', '/etc/passwd'],
  ['a NUL', 'tables\0.txt'],
  ['a backslash', '..\\outside.txt'],
  ['an empty name', ' '],
  ['a link out of the folder', 'link.txt'],
  ['a directory', 'folder'],
])('%s is not a table list', async (_, name) => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'lists', 'folder'), { recursive: true })
  await writeFile(join(folder.path, 'outside.txt'), 'secret')
  await symlink(join(folder.path, 'outside.txt'), join(folder.path, 'lists', 'link.txt'))
  const lists = tableLists({ dir: join(folder.path, 'lists'), filesRoot: join(folder.path, 'files') })
  await expect(lists.read(name)).rejects.toMatchObject({ code: 'invalid_table_list' })
})

test('folders that do not exist hold no lists', async () => {
  expect(await tableLists({ dir: './no/such/folder', filesRoot: './nor/this' }).read('tables.txt')).toBeNull()
})
