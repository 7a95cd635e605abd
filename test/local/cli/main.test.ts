import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { fakeWorld } from '../../support/fake-world.ts'

async function helix(argv: string[], env: Record<string, string> = {}) {
  const world = fakeWorld(env)
  return { code: await main(argv, world), ...world.written() }
}

describe('help', () => {
  test('is what helix alone prints, with the exit codes', async () => {
    const { code, out, err } = await helix([])
    expect(code).toBe(0)
    expect(err).toBe('')
    for (const text of ['Usage: helix', 'demo', 'resume', '130', '$ helix run']) expect(out).toContain(text)
  })

  test.each([
    'demo',
    'run',
    'resume',
    'start',
    'stop',
    'restart',
    'status',
    'recover',
    'tasks',
    'task',
    'quality',
    'node',
    'logs',
    'cancel',
    'config',
    'doctor',
    'migrate',
    'cost',
  ])('of %s has an example, in English and in Chinese', async (command) => {
    expect((await helix([command, '--help'])).out).toContain(`$ helix ${command}`)
    const { out, code } = await helix([command, '--help', '--lang', 'zh'])
    expect(code).toBe(0)
    expect(out).toContain('示例：')
  })
})

test('the version is that of the package', async () => {
  expect((await helix(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

describe('wrong usage ends with 2 and says what was meant:', () => {
  test.each([
    ['an unknown command', ['rum'], 'Did you mean run?'],
    ['an unknown option', ['run', '--sorce', 'x'], 'Did you mean --source?'],
    ['a missing argument', ['task'], "missing required argument 'task'"],
    ['too many arguments', ['tasks', 'x'], 'too many arguments'],
    ['a value out of range', ['run', '--timeout', '0'], 'from 1 to 1440'],
    ['a status that there is not', ['tasks', '--status', 'done'], 'Allowed choices are pending'],
    ['a level that there is not', ['logs', 'x', '--level', 'loud'], 'There is no log level loud'],
    ['two lists of tables', ['run', '--tables', 'a', '--tables-file', 'b'], 'cannot be used with'],
    [
      'a list of tables that is not there',
      ['run', '--tables-file', '/nowhere/tables.txt'],
      'Cannot read the list of tables',
    ],
    [
      'a source that is no Postgres',
      ['run', '--source', 'mysql://localhost/shop'],
      'does not name a Postgres database',
    ],
  ])('%s', async (_, argv, told) => {
    const { code, out, err } = await helix(argv)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(told)
  })

  test('also in Chinese', async () => {
    const { err } = await helix(['run', '--sorce', 'x'], { LANG: 'zh_CN.UTF-8' })
    expect(err).toBe('错误：未知选项 --sorce\n提示：是否想输入 --source？\n')
  })
})

describe('the configuration', () => {
  const secrets = {
    DATABASE_URL: 'postgres://helix:s3cret@db.example.com/helix',
    HELIX_SOURCE_SHOP_URL: 'postgres://reader:s3cret@db.example.com/shop',
    HELIX_SECRET_KEY: 's3cret-s3cret-s3cret',
    HELIX_LLM_API_KEY: 's3cret',
  }

  test('is printed without passwords and keys', async () => {
    const { code, out } = await helix(['config'], secrets)
    expect(code).toBe(0)
    expect(out).toContain('HELIX_SOURCE_SHOP_URL=postgres://reader:******@db.example.com/shop')
    expect(out).not.toContain('s3cret')
  })

  test('is one document with --json', async () => {
    const { out } = await helix(['config', '--json'], secrets)
    expect(JSON.parse(out)).toMatchObject({ HELIX_SECRET_KEY: '******', HELIX_DATA_DIR: '.helix' })
  })

  test('that is not valid ends with 3 and names every bad variable, but no value', async () => {
    const { code, err } = await helix(['config'], { API_PORT: 'hemmelig', HELIX_LOG_LEVEL: 'hemmelig' })
    expect(code).toBe(3)
    expect(err).toContain('API_PORT')
    expect(err).toContain('HELIX_LOG_LEVEL')
    expect(err).not.toContain('hemmelig')
  })

  test('that is not valid is a document too, where one was asked for', async () => {
    const { code, out } = await helix(['run', '--json'], { API_PORT: '0' })
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ task_id: null, status: 'error', error: { code: 'invalid_configuration' } })
  })

  test('that is not valid is what the doctor finds', async () => {
    const { code, out } = await helix(['doctor', '--json'], { API_PORT: '0' })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      checks: [{ status: 'ok' }, { name: 'Configuration', status: 'fail' }],
    })
  })
})

test('a store that does not answer ends with 4', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'helix-cli-'))
  const { code, err } = await helix(['tasks'], {
    HELIX_DATA_DIR: dataDir,
    DATABASE_URL: 'postgres://127.0.0.1:1/helix',
  })
  expect(code).toBe(4)
  expect(err).toContain('The store does not answer')
})
