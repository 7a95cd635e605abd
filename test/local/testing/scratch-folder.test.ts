import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openScratchFolder } from '../../../local/testing/scratch-folder.ts'

const PIB = 1024 ** 5
let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'scratch-'))
})
afterEach(async () => await rm(parent, { recursive: true, force: true }))

test('a scratch folder lies in the first place with room, and is gone when removed', async () => {
  const other = join(parent, 'other')
  await mkdir(other)
  const nowhere = join(parent, 'nowhere')
  const roomy = await openScratchFolder([nowhere, other, parent], 1)
  expect(roomy.path.startsWith(join(other, 'helix-test-'))).toBe(true)
  const tight = await openScratchFolder([other, parent], PIB)
  expect(tight.path.startsWith(join(parent, 'helix-test-'))).toBe(true)
  await writeFile(join(roomy.path, 'file'), 'text')
  await roomy.remove()
  await tight.remove()
  expect(await readdir(other)).toEqual([])
  expect(await readdir(parent)).toEqual(['other'])
})

test('a scratch folder of a killed process is removed a day later, and nothing else is', async () => {
  const old = new Date(0)
  for (const name of ['helix-test-old', 'helix-test-new', 'mine']) {
    await mkdir(join(parent, name))
    if (name !== 'helix-test-new') await utimes(join(parent, name), old, old)
  }
  const folder = await openScratchFolder([parent])
  await folder.remove()
  expect(await readdir(parent)).toEqual(['helix-test-new', 'mine'])
})

test('a process that ends with a scratch folder open leaves none behind', async () => {
  const module = new URL('../../../local/testing/scratch-folder.ts', import.meta.url).href
  const script = `import(${JSON.stringify(module)}).then((it) => it.openScratchFolder([${JSON.stringify(parent)}]))`
  const ended = spawnSync(process.execPath, ['--import', 'tsx', '-e', `${script}.then((it) => console.log(it.path))`])
  expect(ended.stdout.toString()).toContain(join(parent, 'helix-test-'))
  expect(await readdir(parent)).toEqual([])
})
