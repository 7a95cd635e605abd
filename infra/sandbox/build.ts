import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { metered } from './meter.ts'

/** The module that `shared/sandbox` runs. It is kept in the project, so that no platform has to build anything. */
export const METERED_QUICKJS = new URL('../../shared/sandbox/quickjs.wasm', import.meta.url)

// As far as the module's own data and stack reach (82 pages); all above is the heap, which grows as it is used.
const MEMORY_PAGES_MIN = 82
const INTERRUPT = 'i' // Emscripten's name for what QuickJS asks whether to go on

/** QuickJS as quickjs-emscripten compiled it, metered. */
export async function meteredQuickJs(): Promise<Uint8Array> {
  const plain = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  return metered(await readFile(plain), { importedCall: INTERRUPT, memoryPagesMin: MEMORY_PAGES_MIN })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(METERED_QUICKJS, await meteredQuickJs())
