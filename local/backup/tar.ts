/** One file of an archive. Its body must be read to its end before the next is asked for. */
export interface TarEntry {
  readonly name: string
  readonly size: number
  readonly body: AsyncIterable<Uint8Array>
}

const BLOCK = 512
const NAME_BYTES_MAX = 100 // of the old header; longer names, and larger files, are said in an extended one before it
const SIZE_MAX = 0o77777777777
const EXTENDED = 'x'
const PLAIN = '0'
const BODY_BYTES_MAX = 1 << 20 // of an extended header: anything longer is no archive of ours
const encoder = new TextEncoder()

/** A file's header; `size` bytes and {@link tarPadding} follow it. `tar tzf` lists what is written so. */
export function tarHeader(name: string, size: number): Uint8Array {
  const bytes = encoder.encode(name)
  const isPlain = bytes.length <= NAME_BYTES_MAX && bytes.length === name.length && size <= SIZE_MAX
  if (isPlain) return header(bytes, size, PLAIN)
  const records = encoder.encode(`${record('path', name)}${record('size', String(size))}`)
  const short = header(bytes.subarray(0, NAME_BYTES_MAX), Math.min(size, SIZE_MAX), PLAIN)
  return joined([
    header(encoder.encode('extended'), records.length, EXTENDED),
    records,
    tarPadding(records.length),
    short,
  ])
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)
}

/** What ends an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK)

/** The files of an archive, in its order. @throws {Error} where it is cut short or is no archive */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new ByteReader(source)
  let extended: ReadonlyMap<string, string> = new Map()
  for (;;) {
    const block = await input.exactly(BLOCK)
    if (block.every((byte) => byte === 0)) return
    if (checksum(block) !== octal(block, 148, 8)) throw new Error('It is not a tar archive, or it is damaged')
    const size = Number(extended.get('size') ?? octal(block, 124, 12))
    const type = String.fromCharCode(block[156] ?? 0)
    if (type === EXTENDED) {
      if (size > BODY_BYTES_MAX) throw new Error('An extended header of it is too long')
      extended = recordsOf(await input.exactly(size))
      await input.exactly(tarPadding(size).length)
      continue
    }
    const name = extended.get('path') ?? text(block, 0, NAME_BYTES_MAX)
    extended = new Map()
    yield { name, size, body: input.upTo(size) }
    await input.exactly(tarPadding(size).length)
  }
}

function header(name: Uint8Array, size: number, type: string): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const put = (at: number, value: string) => block.set(encoder.encode(value), at)
  block.set(name, 0)
  put(100, '0000600\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0') // no time: the same content gives the same archive
  put(156, type)
  put(257, 'ustar\x0000')
  put(148, `${checksum(block).toString(8).padStart(6, '0')}\0 `)
  return block
}

/** The sum of the bytes, its own field counted as blanks. */
function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0)
}

/** `30 path=…\n`: the number counts the whole record, itself included. */
function record(key: string, value: string): string {
  const rest = encoder.encode(` ${key}=${value}\n`).length
  let length = rest
  while (String(length).length + rest !== length) length = String(length).length + rest
  return `${length} ${key}=${value}\n`
}

function recordsOf(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(32, at)
    const length = Number(text(bytes, at, space - at))
    if (space === -1 || !(length > 0)) throw new Error('An extended header of it is damaged')
    const [key = '', ...value] = text(bytes, space + 1, at + length - 1 - (space + 1)).split('=')
    found.set(key, value.join('='))
    at += length
  }
  return found
}

function octal(block: Uint8Array, at: number, length: number): number {
  return Number.parseInt(text(block, at, length).trim() || '0', 8)
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const part = bytes.subarray(at, at + length)
  const end = part.indexOf(0)
  return new TextDecoder().decode(end === -1 ? part : part.subarray(0, end))
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** Hands out bytes in the portions that are asked for, whatever those are in which they come. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async exactly(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.upTo(length)) parts.push(part)
    return joined(parts)
  }

  async *upTo(length: number): AsyncGenerator<Uint8Array> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next()
        if (done === true) throw new Error('It ends too early')
        this.#rest = value
      }
      const part = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(part.length)
      left -= part.length
      if (part.length > 0) yield part
    }
  }
}
