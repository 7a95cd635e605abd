import compiled from './quickjs.wasm'

/** QuickJS, metered, in a Worker: compiled while it is bundled, since a Worker may not compile. */
export async function quickJsModule(): Promise<WebAssembly.Module> {
  return compiled
}
