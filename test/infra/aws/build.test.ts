import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLambda, type LambdaBundle } from '../../../infra/aws/build.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const EMBEDDED_ONLY =
  /node_modules\/(@electric-sql|@energetic-ai|@hono\/node-server|tsx|esbuild|node-cron|node-pg-migrate|commander)\/|^local\//
const BYTES_MAX = 10_000_000

describe('the bundle for Lambda', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let bundle: LambdaBundle
  beforeAll(async () => {
    folder = await temporaryFolder()
    bundle = await buildLambda({ outDir: folder.path })
  })
  afterAll(() => folder[Symbol.asyncDispose]())

  test('has nothing in it that only one machine has', () => {
    expect(bundle.inputs.filter((path) => EMBEDDED_ONLY.test(path))).toEqual([])
  })

  test('is small enough to start quickly', () => {
    expect(bundle.bytes).toBeLessThan(BYTES_MAX)
  })

  test('brings the WebAssembly that it reads at run time', async () => {
    expect(await readdir(dirname(bundle.file))).toEqual(expect.arrayContaining(['libpg-query.wasm', 'quickjs.wasm']))
  })

  test('is imported by a plain Node.js with nothing installed, and refuses what it does not know', async () => {
    const script = `
      const { handler } = await import(${JSON.stringify(bundle.file)})
      await handler({}, { getRemainingTimeInMillis: () => 1000 }).catch((error) => console.log(error.message))`
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: dirname(bundle.file),
      env: { PATH: process.env.PATH },
    })
    expect(stdout).toContain('Helix does not know this event: an empty object')
  })
})
