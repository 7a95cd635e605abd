import { CST, Lexer } from 'yaml'
import type { Place } from './findings.ts'

/** How deep a text may be nested. */
export const DEPTH_MAX = 40
const INDENT_MAX = 4 * DEPTH_MAX
const TOKENS_MAX = 40_000 // a definition of 1,000 fields has a quarter of it; code is one token

export interface OutOfBounds {
  readonly code: 'too_deep' | 'too_many_values'
  readonly max: number
  readonly place: Place
}

/**
 * Whether a text is small enough to be parsed at all: the parser calls itself for each level, and a process whose stack
 * is nearly full dies when it compiles its next regular expression. The lexer walks, so it can look ahead.
 */
export function boundsOf(text: string): OutOfBounds | null {
  let tokens = 0
  let flow = 0
  let inLine = 0
  let line = 1
  let scalarNext = false
  let lineStart = true
  for (const token of new Lexer().lex(text)) {
    if (++tokens > TOKENS_MAX) return { code: 'too_many_values', max: TOKENS_MAX, place: { line, column: 1 } }
    const kind = scalarNext ? 'scalar' : CST.tokenType(token)
    scalarNext = !scalarNext && token === CST.SCALAR
    if (kind === 'flow-map-start' || kind === 'flow-seq-start') flow++
    if (kind === 'flow-map-end' || kind === 'flow-seq-end') flow = Math.max(0, flow - 1)
    if (flow === 0 && (kind === 'seq-item-ind' || kind === 'explicit-key-ind' || kind === 'map-value-ind')) inLine++
    if (flow === 0 && kind === 'space' && lineStart && token.length > INDENT_MAX) inLine = DEPTH_MAX + 1
    if (flow > DEPTH_MAX || (flow === 0 && inLine > DEPTH_MAX)) {
      return { code: 'too_deep', max: DEPTH_MAX, place: { line, column: 1 } }
    }
    lineStart = kind === 'newline'
    if (kind === 'newline') inLine = 0
    line += token.split('\n').length - 1
  }
  return null
}
