import { NODE_FILE } from './machine.ts'

export interface Place {
  /** From 1, both. */
  readonly line: number
  readonly column: number
}

const LINES_AROUND = 2
const LINE_LENGTH_MAX = 100

/** The first place of a stack trace that is in the code; null when there is none. */
export function placeIn(stack: string, code: string): Place | null {
  const lines = code.split('\n')
  for (const [, line = '', column = ''] of stack.matchAll(new RegExp(`\\b${NODE_FILE}:(\\d+)(?::(\\d+))?`, 'g'))) {
    const text = lines[Number(line) - 1]
    if (text === undefined) continue
    return { line: Number(line), column: Math.min(Math.max(Number(column), 1), text.length + 1) }
  }
  return null
}

/**
 * The lines around a place, with a mark below it:
 *
 *       1 | function main({ rows }) {
 *     > 2 |   return { first: rows[0].name }
 *         |                           ^
 */
export function frameAt(code: string, { line, column }: Place): string {
  const from = Math.max(0, column - 1 - LINE_LENGTH_MAX / 2) // of a very long line the part around the place
  const lines = code
    .split('\n')
    .map((text, index) => ({ text: text.slice(from, from + LINE_LENGTH_MAX), number: index + 1 }))
  const shown = lines.slice(Math.max(0, line - 1 - LINES_AROUND), line + LINES_AROUND)
  const width = String(shown.at(-1)?.number ?? line).length
  return shown
    .flatMap(({ text, number }) => {
      const numbered = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`
      return number === line ? [numbered, `  ${' '.repeat(width)} | ${' '.repeat(column - 1 - from)}^`] : [numbered]
    })
    .map((text) => text.trimEnd())
    .join('\n')
}
