import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const root = join(import.meta.dirname, '..')
const GZIP_BYTES_MAX = 1_500_000
const BUILD_MS_MAX = 120_000
// What only a process of its own can use: a database, a model, threads, the runner.
const EMBEDDED_ONLY =
  /^local\/|^shared\/sandbox\/quickjs-node\.ts$|^node_modules\/(@electric-sql|@energetic-ai|node-cron|node-pg-migrate|tsx|esbuild)\//

let files: ReadonlyMap<string, Uint8Array>
let inputs: readonly string[]
let script: string

beforeAll(async () => {
  await using folder = await temporaryFolder()
  const bundle = join(folder.path, 'bundle')
  const metafile = join(folder.path, 'meta.json')
  const options = ['deploy', '--dry-run', '--outdir', bundle, '--metafile', metafile]
  await promisify(execFile)(join(root, 'node_modules/.bin/wrangler'), options, {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  })
  const names = (await readdir(bundle)).filter((name) => /\.(js|wasm)$/.test(name))
  files = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(bundle, name))] as const)))
  inputs = Object.keys((JSON.parse(await readFile(metafile, 'utf8')) as { inputs: object }).inputs)
  script = new TextDecoder().decode(files.get('worker.js'))
}, BUILD_MS_MAX)

test('the bundle of the Worker stays below 1.5 MB gzipped', () => {
  const bytes = [...files.values()].reduce((sum, content) => sum + gzipSync(content).length, 0)
  expect(bytes).toBeGreaterThan(100_000)
  expect(bytes).toBeLessThanOrEqual(GZIP_BYTES_MAX)
})

test('the bundle of the Worker holds nothing that only a process of its own can use', () => {
  expect(inputs).toContain('functions/worker.ts')
  expect(inputs.filter((path) => EMBEDDED_ONLY.test(path))).toEqual([])
  expect(script).not.toMatch(/["'](node:)?(worker_threads|child_process)["']/)
})

test('the bundle of the Worker takes WebAssembly as modules that are compiled beforehand', () => {
  const names = [...files.keys()].filter((name) => name.endsWith('.wasm'))
  expect(names.map((name) => name.replace(/^[0-9a-f]+-/, '')).sort()).toEqual(['libpg-query.wasm', 'quickjs.wasm'])
  for (const name of names) expect(script).toContain(`from "./${name}"`)
})
