import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'

let platform: TestPlatform
let runner: FakeRunner

const JSON_TYPE = { 'content-type': 'application/json' }
const NUMBER = (name: string) => ({ name, type: 'number' })

beforeAll(async () => {
  platform = await testPlatform({ functions: FUNCTIONS, takesSteps: () => true })
  const app = createApp(FUNCTIONS)
  runner = await openFakeRunner({ fetch: (request) => app.request(request, undefined, { platform }) })
  const post = async (path: string, body: object) => {
    const answer = await app.request(
      path,
      { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) },
      { platform },
    )
    if (!answer.ok) throw new Error(await answer.text())
  }
  await post('/api/v1/nodes', {
    name: 'ratio_of',
    version: '1.0.0',
    executor_type: 'code',
    description: 'One number divided by another',
    inputs: [NUMBER('one'), NUMBER('other')],
    outputs: [NUMBER('ratio')],
    code: "function main({ one, other }) { if (other === 0) throw new Error('nothing to divide by'); return { ratio: one / other } }",
    tests: [{ inputs: { one: 1, other: 2 } }],
  })
  await post('/api/v1/workflows', {
    id: 'ratio',
    inputs: [NUMBER('a'), NUMBER('b')],
    nodes: [{ name: 'divide', node: 'ratio_of', inputs: { one: '{{ inputs.a }}', other: '{{ inputs.b }}' } }],
    outputs: { ratio: '{{ nodes.divide.outputs.ratio }}' },
  })
})
afterAll(async () => {
  await runner.close()
  await platform[Symbol.asyncDispose]()
})

async function helix(argv: string[], stdin = '') {
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir, HELIX_LANGUAGE: 'en' }, { stdin })
  return { code: await main(['workflow', 'run', ...argv], world), ...world.written() }
}

test('helix workflow run prints what the workflow answers', async () => {
  const { code, out } = await helix(['ratio', '--input', 'a=10', '-i', 'b=4'])
  expect([code, JSON.parse(out)]).toEqual([0, { ratio: 2.5 }])
})

test('helix workflow run reads inputs from a file or standard input, and single ones go before them', async () => {
  const file = join(platform.filesDir, 'inputs.json')
  await writeFile(file, '{"a": 10, "b": 4}')
  expect(JSON.parse((await helix(['ratio', '--inputs', file, '--input', 'b=5', '--json'])).out)).toMatchObject({
    status: 'completed',
    outputs: { ratio: 2 },
    steps: { divide: 'completed' },
    error: null,
  })
  expect(JSON.parse((await helix(['ratio', '--inputs', '-'], '{"a": 9, "b": 3}')).out)).toEqual({ ratio: 3 })
  expect((await helix(['ratio', '--inputs', '-'], '[1]')).code).toBe(2)
})

test('helix workflow run names each input that is missing or wrong, and a workflow that is not there', async () => {
  const wrong = await helix(['ratio', '--input', 'a=ten'])
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('inputs.a')
  expect(wrong.err).toContain('inputs.b')
  expect((await helix(['ratios', '--input', 'a=1'])).err).toContain('ratios')
  expect((await helix(['ratio', '--input', 'a'])).code).toBe(2)
})

test('a node that fails ends it with the reason and how to go on', async () => {
  const failed = await helix(['ratio', '--input', 'a=1', '--input', 'b=0'])
  expect(failed).toMatchObject({ code: 1, out: '' })
  expect(failed.err).toContain('nothing to divide by')
  expect(failed.err).toContain('helix resume')
})
