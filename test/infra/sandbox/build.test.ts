import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { METERED_QUICKJS, meteredQuickJs } from '../../../infra/sandbox/build.ts'

test('the QuickJS that is kept is the one that the packages of this version give', async () => {
  const made = await meteredQuickJs()
  const kept = new Uint8Array(await readFile(METERED_QUICKJS))
  expect(kept.length, 'run `npm run build:sandbox`').toBe(made.length)
  expect(kept.every((byte, index) => byte === made[index])).toBe(true)
})

test('the names of what the sandbox calls in QuickJS are those of its own loader', async () => {
  const loader = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/emscripten-module')
  const text = await readFile(loader, 'utf8')
  const machine = await readFile(new URL('../../../shared/sandbox/machine.ts', import.meta.url), 'utf8')
  const called = [...machine.matchAll(/\/\*\* (QTS_\w+) \*\/ ([\w$]+)\(/g)].map(([, name, short]) => ({ name, short }))
  expect(called.length).toBeGreaterThan(12)
  for (const { name, short } of called)
    expect(text).toMatch(new RegExp(`_${name}=\\s*\\w+\\.${short?.replace('$', '\\$')}\\b|_${name}=\\s*\\w+\\.\\$;`))
})
