/** A line of a task's log, as much of it as can be searched for. */
export interface SearchableLine {
  readonly message: string
  readonly level: string
  readonly step: string | null
  readonly taskId: string
  readonly executionId: string | null
  readonly traceId: string | null
}

const LETTERS = 3 // of a part without digits: there are 17,576, and a block of lines has some hundred of them
const DIGITS = 4 // of a part with digits: there are ten thousand of digits alone

// Scripts that put no blanks between words: a sign says as much there as a syllable elsewhere.
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}/u
const LETTER = /[\p{L}\p{M}]/u
const DIGIT = /\p{N}/u

type Kind = 'letter' | 'digit' | 'wide' | 'other'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Everything that can be looked for in a line, as numbers that an index holds. */
export function gramsOfLine(line: SearchableLine, into: Set<number>): void {
  addGrams(line.message, into)
  addGrams(line.taskId, into)
  into.add(tagGram('level', line.level))
  into.add(tagGram('task', line.taskId))
  if (line.step !== null) into.add(tagGram('step', line.step))
  if (line.executionId !== null) addGrams(line.executionId, into)
  if (line.traceId !== null) addGrams(line.traceId, into)
}

/** A property of a line that is looked for as a whole. */
export function tagGram(property: 'level' | 'step' | 'task', value: string): number {
  return hashOf([...`${property}:${value}`], 0, property.length + 1 + [...value].length)
}

/**
 * The word parts of a text: whoever contains the text contains all of them, wherever in a word it begins and ends.
 * None for a text that is too short, or of signs alone: such a one can only be looked for line by line.
 */
export function gramsOfText(text: string): number[] {
  const grams = new Set<number>()
  addGrams(text, grams)
  return [...grams]
}

function addGrams(text: string, into: Set<number>): void {
  const signs = Array.from(text.toLowerCase())
  const kinds = signs.map(kindOf)
  for (let at = 0; at < signs.length; at++) {
    const kind = kinds[at]
    if (kind === 'other') continue
    if (kind === 'wide') {
      into.add(hashOf(signs, at, at + 1))
      if (kinds[at + 1] === 'wide') into.add(hashOf(signs, at, at + 2))
      continue
    }
    const length = partLength(kinds, at)
    if (length > 0) into.add(hashOf(signs, at, at + length))
  }
}

/** Of the part that begins here: three letters, or four signs with a digit among them; 0 where the word ends before. */
function partLength(kinds: readonly (Kind | undefined)[], at: number): number {
  let digits = 0
  for (let length = 1; length <= DIGITS; length++) {
    const kind = kinds[at + length - 1]
    if (kind !== 'letter' && kind !== 'digit') return 0
    if (kind === 'digit') digits += 1
    if (length === LETTERS && digits === 0) return LETTERS
  }
  return DIGITS
}

function kindOf(sign: string): Kind {
  const code = sign.charCodeAt(0)
  if (code < 128) {
    if (code >= 97 && code <= 122) return 'letter'
    return code >= 48 && code <= 57 ? 'digit' : 'other'
  }
  if (WIDE.test(sign)) return 'wide'
  if (LETTER.test(sign)) return 'letter'
  return DIGIT.test(sign) ? 'digit' : 'other'
}

/** FNV-1a as a signed 32-bit number, which is what the index keeps. */
function hashOf(signs: readonly string[], from: number, to: number): number {
  let hash = FNV_OFFSET
  for (let at = from; at < to; at++) {
    const code = signs[at]?.codePointAt(0) ?? 0
    hash = Math.imul(hash ^ (code & 0xff), FNV_PRIME)
    hash = Math.imul(hash ^ ((code >> 8) & 0xff), FNV_PRIME)
    if (code > 0xffff) hash = Math.imul(hash ^ (code >> 16), FNV_PRIME)
  }
  return hash | 0
}
