import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyTemplate, templateName } from '../../local/drivers/template-cache.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const KEY = { name: 'store', ingredients: ['pglite 1', 'create table a (id int);'] }

test('a template is built once and then copied', async () => {
  await using folder = await temporaryFolder()
  const [cache, builds] = [join(folder.path, 'cache'), [] as string[]]
  const build = async (dir: string) => {
    builds.push(dir)
    await mkdir(join(dir, 'base'))
    await writeFile(join(dir, 'base', '1'), 'data')
  }
  for (const name of ['one', 'two']) {
    await copyTemplate(cache, KEY, join(folder.path, 'data', name), build)
    expect(await readFile(join(folder.path, 'data', name, 'base', '1'), 'utf8')).toBe('data')
  }
  expect(builds.length).toBe(1)
  expect(await readdir(join(folder.path, 'data'))).toEqual(['one', 'two'])
})

test('any other ingredient makes another template', () => {
  const names = [
    KEY,
    { ...KEY, name: 'sample' },
    { ...KEY, ingredients: ['pglite 2', 'create table a (id int);'] },
    { ...KEY, ingredients: ['pglite 1create table a (id int);'] },
  ].map(templateName)
  expect(new Set(names).size).toBe(4)
  expect(templateName({ ...KEY, ingredients: [...KEY.ingredients] })).toBe(names[0])
})

test('many at once build without harm and all get a whole copy', async () => {
  await using folder = await temporaryFolder()
  const cache = join(folder.path, 'cache')
  const copies = Array.from({ length: 6 }, (_, n) => join(folder.path, `copy-${n}`))
  await Promise.all(
    copies.map((copy) => copyTemplate(cache, KEY, copy, async (dir) => await writeFile(join(dir, 'file'), 'whole'))),
  )
  for (const copy of copies) expect(await readFile(join(copy, 'file'), 'utf8')).toBe('whole')
  expect(await readdir(cache)).toEqual([templateName(KEY)])
})

test('a build that fails leaves nothing behind, and the next one starts afresh', async () => {
  await using folder = await temporaryFolder()
  const [cache, target] = [join(folder.path, 'cache'), join(folder.path, 'target')]
  const failing = copyTemplate(cache, KEY, target, async (dir) => {
    await writeFile(join(dir, 'half'), '')
    throw new Error('the build failed')
  })
  await expect(failing).rejects.toThrow('the build failed')
  expect(await readdir(cache)).toEqual([])
  await copyTemplate(cache, KEY, target, async (dir) => await writeFile(join(dir, 'file'), ''))
  expect(await readdir(target)).toEqual(['file'])
})

test('what a killed process left half-made is never used, and removed when it is a week old', async () => {
  await using folder = await temporaryFolder()
  const cache = join(folder.path, 'cache')
  const [old, recent, outdated] = [`${templateName(KEY)}.tmp-a`, `${templateName(KEY)}.tmp-b`, 'store-0123456789abcdef']
  for (const name of [old, recent, outdated]) await mkdir(join(cache, name), { recursive: true })
  for (const name of [old, outdated]) await utimes(join(cache, name), 0, 0)
  await copyTemplate(cache, KEY, join(folder.path, 'target'), async (dir) => await writeFile(join(dir, 'file'), ''))
  expect(await readdir(cache)).toEqual([templateName(KEY), recent])
  expect(await readdir(join(folder.path, 'target'))).toEqual(['file'])
})
