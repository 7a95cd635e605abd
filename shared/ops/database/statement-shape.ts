const LENGTH_MAX = 300 // to recognise a statement; nobody reads more of it in a list

const COMMENT = /\/\*[\s\S]*?\*\/|--[^\n]*/g
const TEXT_VALUE = /\$(\w*)\$[\s\S]*?\$\1\$|[eExXbB]?'(?:[^']|'')*('|$)/g
const NUMBER = /(?<![\w$."])-?\d+(\.\d+)?([eE][+-]?\d+)?\b/g

/** A statement without its values, which may be secret, and without its comments: enough to recognise it by. */
export function statementShape(text: string): string {
  const shape = text
    .replaceAll(COMMENT, ' ')
    .replaceAll(TEXT_VALUE, '?')
    .replaceAll(NUMBER, '?')
    .replaceAll(/\?(\s*,\s*\?)+/g, '?, …')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return shape.length <= LENGTH_MAX ? shape : `${shape.slice(0, LENGTH_MAX - 1)}…`
}
