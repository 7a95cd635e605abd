import { readFile } from 'node:fs/promises'

let compiled: Promise<WebAssembly.Module> | undefined

/** QuickJS, metered, on Node.js: read from beside this file, or beside the bundle that it is part of. */
export function quickJsModule(): Promise<WebAssembly.Module> {
  compiled ??= load().catch((cause: unknown) => {
    compiled = undefined // the next call tries again
    throw cause
  })
  return compiled
}

async function load(): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await readFile(new URL('./quickjs.wasm', import.meta.url)))
}
