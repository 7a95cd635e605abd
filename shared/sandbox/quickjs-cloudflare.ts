// Takes the place of `@jitl/quickjs-wasmfile-release-sync` in a Worker (`[alias]` in wrangler.toml). That package reads
// its .wasm from a disk, which a Worker can't; this gives the same variant over a module that is compiled beforehand.
import { newVariant, type QuickJSSyncVariant } from 'quickjs-emscripten-core'
import loadModule from '../../node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.cloudflare.cjs'
import compiled from '../../node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm'
import { QuickJSFFI } from '../../node_modules/@jitl/quickjs-wasmfile-release-sync/dist/ffi.mjs'

const loaders: QuickJSSyncVariant = {
  type: 'sync',
  importFFI: async () => QuickJSFFI,
  importModuleLoader: async () => loadModule,
}

// QuickJS takes an imported module as the variant itself, whether that is its default export or its members.
export const { type, importFFI, importModuleLoader } = newVariant(loaders, { wasmModule: compiled })
