import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of this repository, as text. */
export interface TextFile {
  /** Relative to the root, `/`-separated. */
  readonly path: string
  readonly text: string
}

const NOT_OURS = new Set(['node_modules', '.git', '.helix', '.wrangler', 'data_pipeline', 'dist', 'coverage'])
const TEXTS = /\.(ts|tsx|js|mjs|sql|toml|json|md|css|html|ya?ml)$|^(\.ci\/run|Dockerfile)$/

/** Every text file that belongs to the project, in path order; lock files are left out. */
export function projectFiles(root: string): TextFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/').replace(/^\//, ''))
    .filter((path) => TEXTS.test(path) && !path.endsWith('package-lock.json'))
    .filter((path) => !path.split('/').some((part) => NOT_OURS.has(part)))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

export type TextKind = 'code' | 'comment' | 'string'

/** The text with everything but the wanted kinds blanked out; lines and columns stay where they were. */
export function only(kinds: readonly TextKind[], text: string): string {
  return segments(text)
    .map(({ kind, text: part }) => (kinds.includes(kind) ? part : part.replaceAll(/[^\n]/g, ' ')))
    .join('')
}

// A comment, a quoted string, a regular expression (told from a division by what stands before it), or a template's start.
const NEXT =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=(?:^|[=(,:[!&|?{};+]|=>|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*|[`{}]/g

/** TypeScript cut into code, comments and strings (templates' text included, regular expressions too). */
function segments(text: string): { kind: TextKind; text: string }[] {
  const found: { kind: TextKind; text: string }[] = []
  const add = (kind: TextKind, start: number, end: number) => found.push({ kind, text: text.slice(start, end) })
  const open: ('{' | '${')[] = []
  let at = 0
  const template = (start: number) => {
    const end = templateEnd(text, start)
    add('string', start, end)
    if (text.startsWith('${', end - 2)) open.push('${')
    at = end
  }
  while (at < text.length) {
    NEXT.lastIndex = at
    const match = NEXT.exec(text)
    if (match === null) break
    add('code', at, match.index)
    const [token] = match
    at = match.index
    if (token === '`') template(at)
    else if (token === '}' && open.pop() === '${') template(at)
    else {
      if (token === '{') open.push('{')
      const kind = /^\/[/*]/.test(token) ? 'comment' : /^['"/]/.test(token) ? 'string' : 'code'
      at += token.length
      add(kind, match.index, at)
    }
  }
  add('code', at, text.length)
  return found
}

/** Where a template's text ends that begins at a backtick or at the brace after an expression. */
function templateEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`') return at + 1
    else if (text.startsWith('${', at)) return at + 2
  }
  return text.length
}

/** `path:line` of each place where a pattern is found. */
export function places(path: string, text: string, pattern: RegExp): { at: string; found: string }[] {
  return [...text.matchAll(new RegExp(pattern, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`))].map(
    (match) => ({ at: `${path}:${text.slice(0, match.index).split('\n').length}`, found: match[0].trim() }),
  )
}
