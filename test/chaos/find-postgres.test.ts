import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { findPostgres, serverUser } from './find-postgres.ts'

async function install(place: string): Promise<string> {
  await mkdir(place, { recursive: true })
  for (const name of ['initdb', 'pg_ctl', 'postgres']) await writeFile(join(place, name), '')
  return place
}

test('the newest version of those that are installed is taken, before the one in the PATH', async () => {
  await using folder = await temporaryFolder()
  const debian = join(folder.path, 'debian')
  await install(join(debian, '9', 'bin'))
  const newest = await install(join(debian, '17', 'bin'))
  const inPath = await install(join(folder.path, 'path'))
  expect(findPostgres(inPath, debian)).toBe(newest)
  expect(findPostgres(inPath, join(folder.path, 'nowhere'))).toBe(inPath)
})

test('where there is no server there is nothing to find', async () => {
  await using folder = await temporaryFolder()
  expect(findPostgres(folder.path, join(folder.path, 'nowhere'))).toBeNull()
})

test('the server runs as ourselves, and as somebody without rights where we are root', () => {
  const users = [['nobody', 'x', '65534', '65534']]
  expect(serverUser(1000, users)).toEqual({})
  expect(serverUser(0, users)).toEqual({ uid: 65534, gid: 65534 })
  expect(serverUser(0, [])).toBeNull()
})
