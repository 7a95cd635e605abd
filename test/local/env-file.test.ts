import { chmod, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnvFile, rememberPort } from '../../local/drivers/env-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('variables are read; a file that does not exist has none', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, '.env')
  expect(readEnvFile(path)).toEqual({})
  await writeFile(path, '# a comment\nHELIX_LANGUAGE=zh\nexport API_PORT="8001" # mine\nEMPTY=\n')
  expect(readEnvFile(path)).toEqual({ HELIX_LANGUAGE: 'zh', API_PORT: '8001', EMPTY: '' })
})

test.each([
  ['a plain line', 'A=1\nAPI_PORT=8000\nB=2', 'A=1\nAPI_PORT=8042\nB=2'],
  ['an empty value', 'API_PORT=\n', 'API_PORT=8042\n'],
  ['quotes', `API_PORT="8000"\nAPI_PORT='8000'`, `API_PORT="8042"\nAPI_PORT='8042'`],
  ['spaces, export and a comment', '  export API_PORT = 8000 # 端口', '  export API_PORT = 8042 # 端口'],
  ['Windows line ends', 'API_PORT=8000\r\nB=2\r\n', 'API_PORT=8042\r\nB=2\r\n'],
  ['no such line', 'MY_API_PORT=1\n#API_PORT=2\nAPI_PORTS=3\n', null],
  ['a value that is no number', 'API_PORT=$PORT\n', null],
  ['the port that is there already', 'API_PORT=8042\n', null],
  ['an empty file', '', null],
])('the port is remembered in its line only: %s', async (_, before, after) => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, '.env')
  await writeFile(path, before)
  expect(await rememberPort(path, 8042)).toBe(after !== null)
  expect(await readFile(path, 'utf8')).toBe(after ?? before)
})

test('all other bytes, the permissions and a link to the file stay', async () => {
  await using folder = await temporaryFolder()
  const [path, real] = [join(folder.path, '.env'), join(folder.path, 'real.env')]
  const odd = Buffer.from([0x41, 0x3d, 0xff, 0xfe, 0x00, 0x0a])
  await writeFile(real, Buffer.concat([odd, Buffer.from('API_PORT=8000\n'), odd]))
  await chmod(real, 0o640)
  await symlink(real, path)
  expect(await rememberPort(path, 80)).toBe(true)
  expect(await readFile(real)).toEqual(Buffer.concat([odd, Buffer.from('API_PORT=80\n'), odd]))
  expect((await stat(real)).mode & 0o777).toBe(0o640)
})

test('no file is made where the user keeps none', async () => {
  await using folder = await temporaryFolder()
  expect(await rememberPort(join(folder.path, '.env'), 8042)).toBe(false)
  expect(readEnvFile(join(folder.path, '.env'))).toEqual({})
})
