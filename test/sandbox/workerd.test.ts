import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SandboxRequest, SandboxRun } from '../../shared/platform/sandbox.ts'
import { ATTACKS } from './attacks/all.ts'
import { variantsOf } from './attacks/variants.ts'

// The sandbox of a Worker, in the runtime of Workers: the same files, the module by import, a clock that stands still.
let worker: Miniflare

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./worker-entry.ts', import.meta.url))
  const { outputFiles } = await build({
    stdin: { contents: `export { fetchHandler as default } from ${JSON.stringify(entry)}`, resolveDir: '.' },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['*.wasm'],
    logLevel: 'error',
  })
  const wasm = await readFile(new URL('../../shared/sandbox/quickjs.wasm', import.meta.url))
  worker = new Miniflare({
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    modules: [
      { type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text ?? '' },
      { type: 'CompiledWasm', path: 'quickjs.wasm', contents: wasm },
    ],
  })
  await worker.ready
}, 60_000)
afterAll(() => worker.dispose())

async function runAll(requests: readonly SandboxRequest[]): Promise<SandboxRun[]> {
  const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(requests) })
  return (await answer.json()) as SandboxRun[]
}

const AT_ONCE = 20
const NEXT = { code: 'function main({ a }) { return { b: a.map((x) => x * 2) } }', inputs: { a: [1, 2] } }

test('every attack ends in a Worker as it does elsewhere, and the run after it is right', async () => {
  const wrong: string[] = []
  for (const { name, code, ends, limits } of ATTACKS) {
    const timeout_ms = ends.includes('sandbox_timeout') ? 20 : 500
    const asked = { memory_bytes: 32 * 1024 * 1024, timeout_ms, ...limits }
    const [run, next] = await runAll([{ code, inputs: { a: 1 }, limits: asked }, NEXT])
    const end = run?.error?.code ?? JSON.stringify(run?.outputs)
    if (!ends.some((one) => one === end)) wrong.push(`${name}: ${end} ${run?.error?.message}`)
    if (JSON.stringify(next?.outputs) !== '{"b":[2,4]}') wrong.push(`${name}: the next run is wrong`)
  }
  expect(wrong).toEqual([])
}, 300_000)

test('a thousand variants of the attacks end in a Worker too, and every run after is right', async () => {
  const wrong: string[] = []
  const variants = variantsOf(ATTACKS, 1_000)
  for (let from = 0; from < variants.length; from += AT_ONCE) {
    const some = variants.slice(from, from + AT_ONCE)
    const asked = { memory_bytes: 32 * 1024 * 1024, timeout_ms: 5 }
    const runs = await runAll(
      some.flatMap(({ code, limits }) => [{ code, inputs: { a: 1 }, limits: { ...asked, ...limits } }, NEXT]),
    )
    for (const [index, { name }] of some.entries()) {
      const [run, next] = runs.slice(2 * index)
      if (run === undefined || run.error?.code === 'sandbox_crashed') wrong.push(`${name}: ${run?.error?.message}`)
      if (JSON.stringify(next?.outputs) !== '{"b":[2,4]}') wrong.push(`${name}: the next run is wrong`)
    }
  }
  expect(wrong).toEqual([])
}, 300_000)

test('a run in a Worker repeats exactly, and knows its line', async () => {
  const code = 'function main() {\n  return { at: Date.now(), dice: Math.random(), hour: new Date().getHours() }\n}'
  const request = { code, inputs: {}, seed: 'a', timeZone: 'Asia/Shanghai' }
  const [first, second] = await runAll([request, request])
  expect(first?.outputs).toMatchObject({ at: Date.UTC(2000, 0, 1), hour: 8 })
  expect(second?.outputs).toEqual(first?.outputs)
  const [failed] = await runAll([{ code: 'function main() {\n  null.a\n}', inputs: {} }])
  expect(failed?.error).toMatchObject({ code: 'sandbox_error', line: 2 })
})
