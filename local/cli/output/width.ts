// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPE_SEQUENCE = /\u001b\[[0-9;?]*[A-Za-z]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u
// East Asian Wide and Fullwidth (Unicode annex 11), and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u

/** How many columns of a terminal a text takes: a Chinese character takes two, an escape sequence none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replaceAll(ESCAPE_SEQUENCE, '')) width += widthOf(character)
  return width
}

/** Text of others, safe on a terminal: line breaks become spaces, escape sequences and control characters go. */
export function printable(text: string): string {
  return text.replaceAll(ESCAPE_SEQUENCE, '').replaceAll(/\s+/g, ' ').replaceAll(CONTROL, '').trim()
}

/** As `printable`, but lines stay lines. */
export function printableLines(text: string): string {
  return text.replaceAll(ESCAPE_SEQUENCE, '').replaceAll('\r\n', '\n').replaceAll(CONTROL, '')
}

/** Fills up with spaces to a width; longer text stays as it is. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text
}

/** Cuts a plain text to a width, its last column an ellipsis. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    used += widthOf(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

function widthOf(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
