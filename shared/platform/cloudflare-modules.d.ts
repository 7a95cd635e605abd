/** Wrangler compiles a `.wasm` when it bundles and gives the module: a Worker may not compile one itself. */
declare module '*.wasm' {
  const compiled: WebAssembly.Module
  export default compiled
}

/** The parser as Emscripten made it, which its package only uses with a file beside it. */
declare module '*/libpg-query.js' {
  interface ParserModule {
    _malloc(bytes: number): number
    _free(pointer: number): void
    _wasm_parse_query_raw(query: number): number
    _wasm_free_parse_result(result: number): void
    _wasm_fingerprint(query: number): number
    _wasm_free_string(text: number): void
    lengthBytesUTF8(text: string): number
    stringToUTF8(text: string, pointer: number, bytesMax: number): void
    UTF8ToString(pointer: number): string
    getValue(pointer: number, type: 'i32'): number
  }
  interface ParserOptions {
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void): void
  }
  export default function open(options: ParserOptions): Promise<ParserModule>
}
