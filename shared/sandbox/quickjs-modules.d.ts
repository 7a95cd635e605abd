/** QuickJS as Emscripten made it for Workers: it is given its module instead of fetching it. */
declare module '*/emscripten-module.cloudflare.cjs' {
  import type { EmscriptenModuleLoader, QuickJSEmscriptenModule } from 'quickjs-emscripten-core'

  const loadModule: EmscriptenModuleLoader<QuickJSEmscriptenModule>
  export default loadModule
}
