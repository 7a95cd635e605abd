import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { insertNode, nodeDefinition } from '../../support/node-factory.ts'
import { clearStore } from '../../support/store-factory.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'

let platform: TestPlatform
let runner: FakeRunner
const app = createApp(FUNCTIONS)

beforeAll(async () => {
  platform = await testPlatform({ functions: FUNCTIONS })
  runner = await openFakeRunner({ fetch: (request) => app.request(request, undefined, { platform }) })
})
beforeEach(async () => {
  await clearStore(platform.store)
  await insertNode(platform.store, nodeDefinition('label', ['text: string'], ['text: string']))
  await send('POST', '', { id: 'greet', ...GREETING })
})
afterAll(async () => {
  await runner.close()
  await platform[Symbol.asyncDispose]()
})

const GREETING = {
  description: 'Says hello',
  inputs: { who: 'string' },
  nodes: [{ name: 'a', node: 'label', inputs: { text: '{{ inputs.who }}' } }],
}

async function send(method: string, path: string, body: object): Promise<void> {
  const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await app.request(`/api/v1/workflows${path}`, init, { platform })
  if (!answer.ok) throw new Error(await answer.text())
}

async function helix(argv: string[], language = 'en') {
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir, HELIX_LANGUAGE: language })
  return { code: await main(['workflow', ...argv], world), ...world.written() }
}

test('helix workflow delete takes a workflow out of use, and helix workflow rollback brings it back', async () => {
  const deleted = await helix(['delete', 'greet', '--reason', 'nobody greets'])
  expect([deleted.code, deleted.out]).toEqual([0, 'Deleted greet\n'])
  expect(deleted.err).toContain('helix workflow rollback greet')
  expect((await helix(['graph', 'greet'])).code).not.toBe(0)
  const back = await helix(['rollback', 'greet'])
  expect([back.code, back.out]).toEqual([0, 'greet is what version 1 was again, as version 2\n'])
  expect((await helix(['graph', 'greet'])).code).toBe(0)
})

test('helix workflow delete says why it refuses, and what to do', async () => {
  await send('POST', '/greet/run', { inputs: { who: 'you' } })
  const { code, err } = await helix(['delete', 'greet', '--force'])
  expect(code).not.toBe(0)
  expect(err).toContain('1 of its tasks')
  expect(err).toContain('Cancel them first')
})

test('helix workflow rollback goes to a snapshot by its number, and takes nothing else for one', async () => {
  await send('PUT', '/greet', { ...GREETING, description: 'Says goodbye' })
  const { rows } = await platform.store.query<{ id: string }>('select id from workflow_snapshots')
  expect((await helix(['rollback', 'greet', '--snapshot', String(rows[0]?.id)])).code).toBe(0)
  const json = JSON.parse((await helix(['rollback', 'greet', '--snapshot', String(rows[0]?.id), '--json'])).out)
  expect(json).toMatchObject({ restored_version: 1, changed: false })
  expect((await helix(['rollback', 'greet', '--snapshot', 'last'])).code).toBe(2)
})

test('helix workflow create keeps a file under its id, and changes it only when told to', async () => {
  const file = join(runner.dataDir, 'hello.yaml')
  const text = (description: string) =>
    `id: hello\ndescription: ${description}\nnodes:\n  - { name: a, node: label, inputs: { text: Hello } }\n`
  await writeFile(file, text('one'))
  expect(await helix(['create', file])).toMatchObject({ code: 0, out: 'Kept hello, version 1\n' })
  await writeFile(file, text('two'))
  expect((await helix(['create', file])).err).toContain('There is a workflow "hello" already')
  expect((await helix(['create', file, '--replace'], 'zh')).out).toBe('已保存 hello，版本 2\n')
  await writeFile(file, text('three').replace('Hello', '"{{ inputs.who }}"'))
  const { code, err } = await helix(['create', file, '--replace'])
  expect([code, err]).toEqual([1, expect.stringContaining('inputs.who')])
  expect((await helix(['create', join(runner.dataDir, 'nothing.yaml')])).code).toBe(2)
})

test('helix workflow list shows each workflow with its version, in the language asked for', async () => {
  const { out } = await helix(['list'])
  expect(out).toMatch(/WORKFLOW +VERSION +NODES/)
  expect(out).toMatch(/greet +1 +1 .*Says hello/)
  expect(out).toMatch(/data_pipeline +1 +4 +built in/)
  expect((await helix(['list'], 'zh')).out).toContain('节点数')
  expect(JSON.parse((await helix(['list', '--json'])).out).workflows).toHaveLength(2)
})
