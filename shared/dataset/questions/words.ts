/** Splits a name into lower-case words: snake_case, kebab-case, camelCase, `HTMLPage2` -> html page 2. */
export function splitWords(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/(\p{L})(\p{N})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  child: 'children',
  man: 'men',
  woman: 'women',
  foot: 'feet',
  index: 'indexes',
}
const SINGULAR_IRREGULAR = new Map(Object.entries(IRREGULAR).map(([one, many]) => [many, one]))
// The same in singular and plural, or without a plural.
const UNCOUNTABLE = new Set(
  [
    'staff feedback media data information stock equipment series species news metadata inventory history by to from via'.split(
      ' ',
    ),
  ].flat(),
)
const KEEPS_S = /(ss|us|is|ics|as)$/

const AFTER_NOUN = /^(.+?)( (?:per|of|in|on) .+)$/

/** The English plural of a phrase: its noun changes, which is the last word unless something follows it: `prices per unit`. */
export function plural(phrase: string): string {
  const [, noun, rest] = AFTER_NOUN.exec(phrase) ?? []
  if (noun !== undefined && rest !== undefined) return plural(noun) + rest
  return changeLast(phrase, (word) => {
    // A word with other letters is of another language, whose plurals nobody expects: `größe`.
    if (!/[a-z]$/.test(word) || /\P{ASCII}/u.test(word) || word.length < 2 || UNCOUNTABLE.has(word)) return word
    const irregular = IRREGULAR[word]
    if (irregular !== undefined) return irregular
    if (singular(word) !== word) return word
    if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
    return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
  })
}

/** The English singular of a phrase, the same word of it changing. */
export function singular(phrase: string): string {
  const [, noun, rest] = AFTER_NOUN.exec(phrase) ?? []
  if (noun !== undefined && rest !== undefined) return singular(noun) + rest
  return changeLast(phrase, (word) => {
    const irregular = SINGULAR_IRREGULAR.get(word)
    if (irregular !== undefined) return irregular
    if (UNCOUNTABLE.has(word) || KEEPS_S.test(word) || word.length < 4) return word
    if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
    if (/(ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2)
    if (/statuses$|buses$|addresses$/.test(word)) return word.slice(0, -2)
    return word.endsWith('s') ? word.slice(0, -1) : word
  })
}

function changeLast(phrase: string, change: (word: string) => string): string {
  const at = phrase.lastIndexOf(' ') + 1
  return phrase.slice(0, at) + change(phrase.slice(at))
}

// Letters that are no letter with a mark, so that taking marks off leaves nothing.
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

/** Words as an SQL name of plain ASCII; null when nothing readable is left. */
export function asIdentifier(words: readonly string[]): string | null {
  const telling = words.slice(words.findIndex((word) => !/^\p{N}/u.test(word))) // no name begins with a digit
  const plain = telling
    .join('_')
    .replaceAll(/[ßæœøłđðþı]/gi, (letter) => UNDECOMPOSED[letter.toLowerCase()] ?? '')
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_]/g, '')
    .replaceAll(/_+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .toLowerCase()
  const short = shortened(plain)
  return /^[a-z]/.test(short) ? short : null
}

const IDENTIFIER_CHARACTERS_MAX = 40 // two of them joined fit into a name

/** The end of a long name, from the beginning of a word. */
function shortened(name: string): string {
  if (name.length <= IDENTIFIER_CHARACTERS_MAX) return name
  const end = name.slice(-IDENTIFIER_CHARACTERS_MAX)
  return /_[a-z]/.test(end) ? end.slice(end.search(/_[a-z]/) + 1) : name.slice(0, IDENTIFIER_CHARACTERS_MAX)
}
