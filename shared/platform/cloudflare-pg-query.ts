// Takes the place of `libpg-query` in a Worker (`[alias]` in wrangler.toml). That package loads its .wasm from a disk
// when it is imported, which a Worker can't; this gives the same functions over a module that is compiled beforehand.
import openParser, { type ParserModule } from '../../node_modules/libpg-query/wasm/libpg-query.js'
import compiled from '../../node_modules/libpg-query/wasm/libpg-query.wasm'

interface SqlErrorDetails {
  readonly message: string
  /** 0-based, in code points. */
  readonly cursorPosition: number
}

export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly sqlDetails: SqlErrorDetails

  constructor(details: SqlErrorDetails) {
    super(details.message)
    this.sqlDetails = details
  }
}

let opened: Promise<ParserModule> | undefined

/** Starts the parser; later calls answer at once. */
export async function loadModule(): Promise<void> {
  await parser()
}

/** Tells the parser's verdict on a statement from other failures. */
export function hasSqlDetails(error: unknown): error is SqlError {
  return error instanceof SqlError
}

/** @throws {SqlError} */
export async function parse(query: string): Promise<unknown> {
  const module = await parser()
  return withText(module, query, (text) => {
    const result = module._wasm_parse_query_raw(text)
    if (result === 0) throw new Error('The parser is out of memory')
    try {
      // struct PgQueryParseResult { char *parse_tree; char *stderr_buffer; PgQueryError *error; }
      const error = module.getValue(result + 8, 'i32')
      if (error !== 0) throw new SqlError(detailsAt(module, error))
      return JSON.parse(module.UTF8ToString(module.getValue(result, 'i32')))
    } finally {
      module._wasm_free_parse_result(result)
    }
  })
}

/** @throws {Error} with the parser's words when the statement has no fingerprint */
export async function fingerprint(query: string): Promise<string> {
  const module = await parser()
  return withText(module, query, (text) => {
    const result = module._wasm_fingerprint(text)
    try {
      const answer = module.UTF8ToString(result)
      if (/^(syntax error|deparse error|ERROR)/.test(answer)) throw new Error(answer)
      return answer
    } finally {
      module._wasm_free_string(result)
    }
  })
}

function parser(): Promise<ParserModule> {
  opened ??= openParser({
    instantiateWasm: (imports, receive) => receive(new WebAssembly.Instance(compiled, imports)),
  })
  return opened
}

function withText<T>(module: ParserModule, text: string, work: (pointer: number) => T): T {
  const bytes = module.lengthBytesUTF8(text) + 1
  const pointer = module._malloc(bytes)
  try {
    module.stringToUTF8(text, pointer, bytes)
    return work(pointer)
  } finally {
    module._free(pointer)
  }
}

/** struct PgQueryError { char *message; char *funcname; char *filename; int lineno; int cursorpos; … } */
function detailsAt(module: ParserModule, error: number): SqlErrorDetails {
  const cursor = module.getValue(error + 16, 'i32') // 1-based, 0 when unknown
  return { message: module.UTF8ToString(module.getValue(error, 'i32')), cursorPosition: Math.max(0, cursor - 1) }
}
