import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { readArguments, TARGET_NAMES } from './suite/arguments.ts'
import { readSourceOption } from './world/source-option.ts'

test('without a target all are meant, and none of them is named', () => {
  expect(readArguments([])).toMatchObject({ targets: TARGET_NAMES, named: false, only: null, json: false })
  expect(readArguments(['--target', 'all'])).toMatchObject({ targets: TARGET_NAMES, named: false })
})

test('several targets may be named, and are played in their own order', () => {
  const args = readArguments(['--target', 'lambda', '--target', 'local', '--case', 'files', '--json'])
  expect(args).toMatchObject({ targets: ['local', 'lambda'], named: true, only: 'files', json: true })
})

test.each([
  [['--target', 'azure'], 'azure'],
  [['--targets', 'local'], '--targets'],
  [['local'], 'local'],
  [['--case', 'files', '--write-readme'], 'whole runs'],
])('refuses %j', (given, words) => {
  expect(() => readArguments(given)).toThrow(words)
})

test('a command line that can not be read shows the usage and ends with 2', () => {
  const run = fileURLToPath(new URL('run.ts', import.meta.url))
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', 'tsx', run, '--target', 'azure'], {
    encoding: 'utf8',
  })
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain('npm run conform --')
})

test('a source is a URL or a script, plain or gzipped, also a dump with COPY data', async () => {
  await using folder = await temporaryFolder()
  const sql = 'create table artist (id int);\ninsert into artist values (1);\n'
  const [plain, packed, copied] = ['a.sql', 'b.sql.gz', 'c.sql'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const forPsql = 'DROP DATABASE IF EXISTS chinook;\nCREATE DATABASE chinook;\n\\c chinook;\n'
  await writeFile(plain, forPsql + sql)
  await writeFile(packed, gzipSync(sql))
  await writeFile(copied, 'COPY public.artist (id) FROM stdin;\n1\n\\.\n')
  const url = 'postgres://127.0.0.1/chinook'
  expect(await readSourceOption(url)).toEqual({ kind: 'url', url })
  expect(await readSourceOption(plain)).toEqual({ kind: 'script', sql: `\n\n\n${sql}` })
  expect(await readSourceOption(packed)).toEqual({ kind: 'script', sql })
  expect(await readSourceOption(copied)).toEqual({
    kind: 'script',
    sql: "insert into public.artist (id) overriding system value values\n('1');\n",
  })
  await expect(readSourceOption(join(folder.path, 'none.sql'))).rejects.toThrow('ENOENT')
})
