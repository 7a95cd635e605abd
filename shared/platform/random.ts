/** The only source of chance: uniform in [0, 1). Tests and generators seed it. */
export type Random = () => number

/** A small seeded generator (mulberry32, Tommy Ettinger, public domain): same seed, same sequence, on any platform. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A 32-bit seed from text (FNV-1a), so that the same name always draws the same sequence. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** `length` characters of 0-9a-z. */
export function randomId(random: Random, length = 12): string {
  return Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('')
}

/** Eight hexadecimal digits for each word; never zeros alone, which no trace may have as its id. */
export function randomHex(random: Random, words: number): string {
  let digits = ''
  for (let word = 1; word <= words; word++) digits += hexOf(Math.floor(random() * 4_294_967_296))
  return /^0+$/.test(digits) ? `${digits.slice(0, -1)}1` : digits
}

/** A 32-bit word as eight hexadecimal digits. */
export function hexOf(word: number): string {
  return word.toString(16).padStart(8, '0')
}
