import type { QuickJSWASMModule } from 'quickjs-emscripten-core'

let loaded: Promise<QuickJSWASMModule> | undefined

/**
 * The one QuickJS of this process or isolate. It is read and compiled when it is first asked for, so that a start costs
 * nothing. On Node the package reads `emscripten-module.wasm` from the folder of its own file, or of the file that it was
 * bundled into: a bundle (ESM) needs a copy beside it. In a Worker `[alias]` of wrangler.toml puts
 * `quickjs-cloudflare.ts` in the place of the package, with the module compiled beforehand.
 */
export function quickJs(): Promise<QuickJSWASMModule> {
  loaded ??= load().catch((cause: unknown) => {
    loaded = undefined // the next call tries again
    throw cause
  })
  return loaded
}

async function load(): Promise<QuickJSWASMModule> {
  const { newQuickJSWASMModuleFromVariant } = await import('quickjs-emscripten-core')
  return await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'))
}
