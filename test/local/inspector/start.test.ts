import { join } from 'node:path'
import { expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { type FakeWorld, fakeWorld } from '../../support/fake-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** What `helix start` tells a person before it is interrupted. */
async function startNotes(env: Record<string, string>): Promise<string> {
  await using folder = await temporaryFolder()
  let told: () => void = () => undefined
  const listening = new Promise<void>((resolve) => {
    told = resolve
  })
  const places = { HELIX_DATA_DIR: join(folder.path, 'data'), HELIX_FILES_ROOT: join(folder.path, 'files') }
  const world: FakeWorld = fakeWorld({ ...places, HELIX_LOG_LEVEL: 'error', ...env })
  const write = (text: string) => {
    if (text.includes('Ctrl-C')) told()
    return world.stderr.write(text)
  }
  const ended = main(['start'], { ...world, stderr: { ...world.stderr, write } })
  await Promise.race([listening, ended])
  world.send('SIGINT')
  expect(await ended).toBe(0)
  return world.written().err
}

test('helix start says where its inspector is', async () => {
  expect(await startNotes({})).toMatch(/ {2}Inspector {2}http:\/\/127\.0\.0\.1:\d+\/__local\n/)
  expect(await startNotes({ HELIX_LANGUAGE: 'zh' })).toMatch(/ {2}检查器 {2}http:\/\/127\.0\.0\.1:\d+\/__local\n/)
})

test('helix start says nothing of an inspector where keys are asked for', async () => {
  const notes = await startNotes({ HELIX_AUTH: 'keys', HELIX_API_KEYS: 'me:admin:0123456789abcdef' })
  expect(notes).toContain('/docs')
  expect(notes).not.toContain('__local')
})
