const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu
const WORD = /[\p{L}\p{N}]+/gu

/**
 * Words to search by: identifiers split at underscores and capitals, and pairs of characters for languages without
 * spaces. Chinese is spelt in ASCII (`u5ba2u6237`), since a server in the C locale does not take it for letters.
 */
export function searchWords(text: string): string[] {
  const normal = text.normalize('NFKC')
  const latin = splitIdentifiers(normal.replace(CJK, ' ')).toLowerCase().match(WORD) ?? []
  return [...latin.map(plainLetters).filter((word) => word !== ''), ...(normal.match(CJK) ?? []).flatMap(bigrams)]
}

/** `InvoiceLine.unit_price` becomes `Invoice Line unit price`. */
export function splitIdentifiers(text: string): string {
  return text
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/[_.\-/]+/g, ' ')
}

function bigrams(run: string): string[] {
  const characters = [...run]
  if (characters.length === 1) return [spelt(run)]
  return characters.slice(1).map((character, index) => spelt(`${characters[index] ?? ''}${character}`))
}

function spelt(text: string): string {
  return [...text].map((character) => `u${(character.codePointAt(0) ?? 0).toString(16)}`).join('')
}

/** Letters outside ASCII lose their accents, or are spelt out where they have none. */
function plainLetters(word: string): string {
  const bare = word.normalize('NFD').replaceAll(/\p{M}+/gu, '')
  return /^[a-z0-9]*$/.test(bare) ? bare : spelt(bare)
}
