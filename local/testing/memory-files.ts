import { createHash } from 'node:crypto'
import { assertKey, type ByteRange, type FileContent, type FileInfo, type Files } from '../../shared/platform/files.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { isTemporary } from '../drivers/disk-walk.ts'

export interface MemoryFilesOptions {
  /** How the root is shown to people. */
  readonly root: string
  readonly now: () => Date
  /** Told of every change. @param bytes the whole new content; null for a file that was deleted */
  readonly onChange?: (key: string, bytes: Uint8Array | null) => void
}

interface Kept extends FileInfo {
  readonly bytes: Uint8Array
}

const PAGE_MAX = 1_000

/** Files that are gone with the process. What is done to them is done at once, in the order in which it was asked for. */
export function memoryFiles({ root, now, onChange }: MemoryFilesOptions): Files {
  const kept = new Map<string, Kept>()
  let version = 0
  const keep = (key: string, bytes: Uint8Array): FileInfo => {
    version += 1
    const file = {
      key,
      size: bytes.length,
      etag: `"${version}-${sha256Of(bytes).slice(0, 16)}"`,
      modifiedAt: now(),
      bytes,
    }
    kept.set(key, file)
    onChange?.(key, bytes)
    return infoOf(file)
  }
  const find = (key: string) => (isTemporary(key) ? undefined : kept.get(key))
  return {
    root,
    async put(key, content, condition = {}) {
      assertKey(key)
      const bytes = await bytesOf(content)
      const old = kept.get(key)
      const refused =
        (condition.ifNoneMatch === '*' && old !== undefined) ||
        (condition.ifMatch !== undefined && old?.etag !== condition.ifMatch)
      if (refused) throw new Problem('file_conflict', `${key} is not what it was expected to be`)
      return keep(key, bytes)
    },
    async append(key, text) {
      assertKey(key)
      keep(key, Buffer.concat([kept.get(key)?.bytes ?? new Uint8Array(), Buffer.from(text)]))
    },
    async get(key, range) {
      assertKey(key)
      const file = find(key)
      return file === undefined ? null : { ...infoOf(file), body: streamOf(part(file, range)) }
    },
    async head(key) {
      assertKey(key)
      const file = find(key)
      return file === undefined ? null : infoOf(file)
    },
    async list(prefix, { cursor, limit = PAGE_MAX } = {}) {
      const keys = [...kept.keys()].filter((key) => key.startsWith(prefix) && !isTemporary(key)).toSorted(byBytes)
      const after = cursor === undefined ? keys : keys.filter((key) => byBytes(key, cursor) > 0)
      const page = after.slice(0, Math.min(limit, PAGE_MAX)).flatMap((key) => kept.get(key) ?? [])
      return { files: page.map(infoOf), cursor: page.length < after.length ? (page.at(-1)?.key ?? null) : null }
    },
    async delete(keys) {
      for (const key of keys) {
        assertKey(key)
        if (kept.delete(key)) onChange?.(key, null)
      }
    },
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function infoOf({ bytes: _, ...info }: Kept): FileInfo {
  return info
}

function part({ key, bytes }: Kept, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return bytes
  if (range.offset >= bytes.length && bytes.length > 0) {
    throw new Problem('range_not_satisfiable', `${key} has ${bytes.length} bytes, none at ${range.offset}`)
  }
  return bytes.subarray(range.offset, range.length === undefined ? undefined : range.offset + range.length)
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice())
      controller.close()
    },
  })
}

async function bytesOf(content: FileContent): Promise<Uint8Array> {
  if (typeof content === 'string') return Buffer.from(content)
  if (content instanceof Uint8Array) return content.slice()
  return new Uint8Array(await new Response(content as BodyInit).arrayBuffer())
}

/** As object stores list them. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
