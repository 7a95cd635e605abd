import { afterEach, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { taskAnswer } from '../../support/cli-factory.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'

const VIEWER = 'viewer-0123456789abcdef'
const ADMIN = 'admin-0123456789abcdef'

let runner: FakeRunner | undefined
afterEach(async () => await runner?.close())

async function tasks(
  env: Record<string, string>,
  script: Parameters<typeof openFakeRunner>[0] = { states: [taskAnswer()] },
) {
  runner = await openFakeRunner(script)
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir, ...env })
  const code = await main(['tasks'], world)
  return { code, ...world.written(), authorization: runner.requests.map((request) => request.authorization) }
}

test('the command line sends the most powerful key that is configured where it runs', async () => {
  const { code, authorization } = await tasks({ HELIX_API_KEYS: `dash:viewer:${VIEWER},root:admin:${ADMIN}` })
  expect([code, authorization]).toEqual([0, [`Bearer ${ADMIN}`]])
})

test('the command line sends no key where none is configured', async () => {
  expect((await tasks({})).authorization).toEqual([undefined])
})

test('the command line says that a runner wants a key, without printing its own', async () => {
  const problems = { 'GET ': { status: 401, code: 'unauthorized', error: 'No valid key was given', hint: 'Send one' } }
  const { code, out, err } = await tasks({ HELIX_API_KEYS: `dash:viewer:${VIEWER}` }, { problems })
  expect(code).toBe(1)
  expect(err).toContain('No valid key was given')
  expect(out + err).not.toContain(VIEWER)
})
