import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { SALES_GROWTH } from '../../support/node-samples.ts'
import { clearStore } from '../../support/store-factory.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'

const SAMPLES = 'local/samples/nodes'
let platform: TestPlatform
let runner: FakeRunner
let folder: string

beforeAll(async () => {
  platform = await testPlatform()
  const app = createApp(FUNCTIONS)
  runner = await openFakeRunner({ fetch: (request) => app.request(request, undefined, { platform }) })
  folder = join(platform.filesDir, 'definitions')
  await mkdir(folder)
})
beforeEach(() => clearStore(platform.store))
afterAll(async () => {
  await runner.close()
  await platform[Symbol.asyncDispose]()
})

async function helix(argv: string[], stdin = '') {
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir, HELIX_LANGUAGE: 'en' }, { stdin })
  return { code: await main(argv, world), ...world.written() }
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('helix node validate', () => {
  test('finds every sample in order', async () => {
    const samples = await readdir(SAMPLES)
    expect(samples).toContain('sales-growth-calculator.yaml')
    for (const sample of samples) {
      expect(await helix(['node', 'validate', `${SAMPLES}/${sample}`]), sample).toMatchObject({ code: 0, err: '' })
    }
  })

  test('shows each mistake with its place and the line', async () => {
    const path = await fileOf('bad.yaml', SALES_GROWTH.replace(': code', ': cod').replace(': number', ': nubmer'))
    const { code, out } = await helix(['node', 'validate', path])
    expect(code).toBe(1)
    expect(out.split('\n')).toEqual([
      `${path}:3:1 error executor_type: Unknown executor "cod"; known are code, sql, llm, step; did you mean "code"?`,
      '  3 | executor_type: cod',
      '    | ^',
      `${path}:7:5 error inputs[0].type: Unknown type "nubmer"; known are string, number, integer, boolean, list, object, any; did you mean "number"?`,
      '  7 |     type: nubmer',
      '    |     ^',
      '2 errors',
      '',
    ])
    expect((await helix(['node', 'validate', path, '--lang', 'zh'])).out).toContain('2 个错误')
  })

  test('reads a definition from its input, and answers a document when asked', async () => {
    const { code, out } = await helix(['node', 'validate', '-', '--json'], SALES_GROWTH)
    expect([code, JSON.parse(out)]).toMatchObject([0, { valid: true, definition: { name: 'sales_growth_calculator' } }])
  })

  test('of a file that is not there is wrong usage', async () => {
    expect(await helix(['node', 'validate', 'none.yaml'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.yaml'),
    })
  })
})

describe('helix node try', () => {
  test('shows the four checks and what came out', async () => {
    const inputs = '{"sales_current": 120, "sales_previous": 100}'
    const { code, out } = await helix(['node', 'try', `${SAMPLES}/sales-growth-calculator.yaml`, '--inputs', inputs])
    expect(code).toBe(0)
    expect(out).toContain('Outputs: {"growth_rate":0.2}')
    for (const check of ['success', 'time', 'output', 'memory']) expect(out).toContain(`✓ ${check}`)
    expect(out).toContain('The trial passed')
  })

  test('shows where the code of a node fails', async () => {
    const text = SALES_GROWTH.replace('    return {', '    inputs.nothing.at()\n    return {')
    const { code, out } = await helix(['node', 'try', await fileOf('fails.yaml', text)])
    expect(code).toBe(1)
    expect(out).toMatch(/sandbox_error \(2:\d+\)/)
    expect(out).toContain('✗ success')
  })

  test.each(['[1]', '{', '"x"'])('refuses the inputs %s', async (inputs) => {
    const argv = ['node', 'try', `${SAMPLES}/sales-growth-calculator.yaml`, '--inputs', inputs]
    expect(await helix(argv)).toMatchObject({ code: 2, err: expect.stringContaining('--inputs must be a JSON object') })
  })
})

test('helix node create keeps a version, once, and helix node list shows it', async () => {
  const path = `${SAMPLES}/short-question-filter.yaml`
  expect((await helix(['node', 'list'])).out).toContain('There is no node yet')
  expect((await helix(['node', 'create', path])).out).toBe('Created short_question_filter 1.0.0\n')
  expect((await helix(['node', 'create', path])).out).toContain('is there already')
  const { out } = await helix(['node', 'list'])
  expect(out).toContain('short_question_filter  1.0.0    code      pairs, least → pairs, removed')
  expect((await helix(['node', 'try', 'short_question_filter'])).code).toBe(0)
})

test('helix node create tells a bad definition as validate does', async () => {
  const { code, out } = await helix(['node', 'create', await fileOf('off.yaml', `${SALES_GROWTH}sandbox: false\n`)])
  expect([code, out]).toEqual([1, expect.stringContaining('error sandbox: A code node runs in the sandbox only')])
})
