import { fingerprint, hasSqlDetails, loadModule, parse } from 'libpg-query'
import { type SqlParser, SqlSyntaxError } from './sql-parser.ts'

// Each of these makes the parser recurse. Too much recursion overflows the stack inside WebAssembly, which leaks the
// module's own stack: after some thirty such statements no statement parses any more. So depth is bounded beforehand
// (measured on Node's default stack, compiled cold and hot: every shape parses at 1,600 levels).
const NESTING_WORDS =
  /[-+*/<>=~!@#%^&|?]+|::|\[|\b(?:not|case|select|join|collate|zone|is|isnull|notnull|between|like|ilike|similar)\b/gi
const NESTING_WORDS_MAX = 1000
const PARENTHESES_DEPTH_MAX = 500
// The library's fingerprint takes far more stack: once the engine has optimised it, 51 levels of the tree overflow.
const FINGERPRINT_DEPTH_MAX = 40

// One statement is judged from several sides in turn: its tree is made once. The longest take half a megabyte.
const TREES_KEPT = 64
const KEPT_CHARACTERS_MAX = 4000

/** The real Postgres grammar, compiled to WebAssembly. Loads on first use (about 30 ms). */
export function pgQueryParser(): SqlParser {
  const trees = new Map<string, Awaited<ReturnType<SqlParser['parse']>>>()
  const parsed: SqlParser['parse'] = async (sql) => {
    const known = trees.get(sql)
    if (known !== undefined) return known
    const { stmts } = await guarded(sql, parse)
    const tree = { stmts: (stmts ?? []).map(({ stmt }) => ({ stmt: { ...stmt } as Record<string, unknown> })) }
    if (sql.length <= KEPT_CHARACTERS_MAX) trees.set(sql, tree)
    for (const oldest of trees.keys()) {
      if (trees.size <= TREES_KEPT) break
      trees.delete(oldest)
    }
    return tree
  }
  return {
    parse: parsed,
    async fingerprint(sql) {
      const { stmts } = await parsed(sql)
      if (isDeeper(stmts, FINGERPRINT_DEPTH_MAX - 1)) return await treeFingerprint(stmts)
      return await guarded(sql, fingerprint)
    },
  }
}

/** Like the library's, for deeper trees: the same form, never the same value. */
async function treeFingerprint(tree: unknown): Promise<string> {
  const shape = JSON.stringify(tree, (key, value) => {
    if (key === 'location' || key.startsWith('stmt_')) return undefined
    return key === 'A_Const' ? 'constant' : value
  })
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(shape)))
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether a tree has more levels than that; never recurses further. */
function isDeeper(tree: unknown, levels: number): boolean {
  if (levels < 1) return true
  if (typeof tree !== 'object' || tree === null) return false
  for (const key in tree) if (isDeeper((tree as Record<string, unknown>)[key], levels - 1)) return true
  return false
}

async function guarded<T>(sql: string, work: (sql: string) => Promise<T>): Promise<T> {
  assertParsable(sql)
  try {
    await loadModule()
    return await work(sql)
  } catch (thrown) {
    if (hasSqlDetails(thrown)) {
      const position = thrown.sqlDetails?.cursorPosition
      throw new SqlSyntaxError(thrown.message, position === undefined ? null : toUtf16(sql, position))
    }
    if (thrown instanceof RangeError) throw new SqlSyntaxError('The statement is nested too deeply', null)
    throw new SqlSyntaxError(thrown instanceof Error ? thrown.message : String(thrown), null)
  }
}

function assertParsable(sql: string): void {
  if (sql.trim() === '') throw new SqlSyntaxError('The statement is empty', null)
  // The parser is written in C and would take the text before the NUL for the whole statement.
  const nul = sql.indexOf('\u0000')
  if (nul !== -1) throw new SqlSyntaxError('The statement contains a NUL character', nul)
  const tooDeep = countOf(sql, NESTING_WORDS) > NESTING_WORDS_MAX || parenthesesDepth(sql) > PARENTHESES_DEPTH_MAX
  if (tooDeep) throw new SqlSyntaxError('The statement is nested too deeply', null)
}

function countOf(text: string, pattern: RegExp): number {
  let count = 0
  for (const _ of text.matchAll(pattern)) count++
  return count
}

function parenthesesDepth(sql: string): number {
  let depth = 0
  let deepest = 0
  for (const character of sql) {
    if (character === '(') deepest = Math.max(deepest, ++depth)
    else if (character === ')') depth--
  }
  return deepest
}

/** The parser counts code points; strings count UTF-16 units. */
function toUtf16(sql: string, codePoints: number): number {
  return [...sql].slice(0, codePoints).join('').length
}
