import type { RelationName } from '../catalog/catalog.ts'

export type FileSuffix = '.ddl' | '_detail.md'

const SUFFIXES: readonly FileSuffix[] = ['.ddl', '_detail.md']
const STEM_BYTES_MAX = 190 // a file name may have 255 bytes on most disks; this leaves room for suffixes such as .backup
const CUT_BYTES = 160
// What some file system or a key in a bucket can't hold; the dot divides schema and name, `~` marks a shortened name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f/\\:*?"<>|%.~]|^ | $/g
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i // Windows keeps these, whatever the extension
const CAPITALS = /%[0-9A-F]{2}|[^a-z0-9_]/gu // and all beyond ASCII, since what its small letter is depends on the disk
const SHORTENED = /~[0-9a-f]{16}$/

/**
 * The file of a relation: `film.ddl`, `sales.orders_detail.md`. Characters that a file system can't hold are
 * percent-encoded; a name that is too long is cut and ends in `~` and a hash.
 * @param among all relations of the task: where two differ in capitals alone, the capitals are encoded as well
 */
export function fileNameOf(relation: RelationName, suffix: FileSuffix, among: readonly RelationName[] = []): string {
  const crowded = (crowdsOf(among).get(folded(relation)) ?? 0) > 1
  const encode = crowded ? (part: string) => encodePart(part).replaceAll(CAPITALS, keepEscapes) : encodePart
  const stem =
    relation.schema === 'public' ? encode(relation.name) : `${encode(relation.schema)}.${encode(relation.name)}`
  return `${shortened(stem)}${suffix}`
}

/** The relation that a file is about; null for a shortened name (metadata.txt knows it) and for other files. */
export function relationOfFileName(file: string): RelationName | null {
  const suffix = SUFFIXES.find((one) => file.endsWith(one))
  if (suffix === undefined) return null
  const stem = file.slice(0, -suffix.length)
  const parts = stem.split('.')
  const [first, second] = parts
  if (first === undefined || first === '' || parts.length > 2 || SHORTENED.test(stem)) return null
  try {
    const name = decodeURIComponent(second ?? first)
    return { schema: second === undefined ? 'public' : decodeURIComponent(first), name }
  } catch {
    return null
  }
}

function encodePart(part: string): string {
  const safe = part.replaceAll(UNSAFE, percent)
  return DEVICE.test(safe) ? `${percent(safe.slice(0, 1))}${safe.slice(1)}` : safe
}

function keepEscapes(text: string): string {
  return text.startsWith('%') ? text : percent(text)
}

function percent(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

function shortened(stem: string): string {
  if (new TextEncoder().encode(stem).length <= STEM_BYTES_MAX) return stem
  let kept = ''
  let bytes = 0
  for (const character of stem) {
    bytes += new TextEncoder().encode(character).length
    if (bytes > CUT_BYTES) break
    kept += character
  }
  return `${kept}~${hash(stem)}`
}

/** FNV-1a, 64 bits: names need telling apart, not protection. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}

const crowds = new WeakMap<readonly RelationName[], ReadonlyMap<string, number>>()

/** How many relations share a name once capitals and ways of writing accents are ignored; counted once a list. */
function crowdsOf(among: readonly RelationName[]): ReadonlyMap<string, number> {
  const known = crowds.get(among)
  if (known !== undefined) return known
  const counts = new Map<string, number>()
  for (const relation of among) counts.set(folded(relation), (counts.get(folded(relation)) ?? 0) + 1)
  crowds.set(among, counts)
  return counts
}

function folded({ schema, name }: RelationName): string {
  return JSON.stringify([schema, name]).normalize('NFC').toLowerCase()
}
