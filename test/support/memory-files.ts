import { assertKey, type ByteRange, type FileContent, type FileInfo, type Files } from '../../shared/platform/files.ts'
import { Problem } from '../../shared/platform/problems.ts'

interface Stored {
  readonly bytes: Uint8Array
  readonly version: number
  readonly modifiedAt: Date
}

const LIST_MAX = 1000

/** Files in memory, as quick as a test wants them. */
export function memoryFiles(now: () => Date, root = './data_pipeline/training_data'): Files {
  const stored = new Map<string, Stored>()
  let version = 0
  const info = (key: string, { bytes, version, modifiedAt }: Stored): FileInfo => ({
    key,
    size: bytes.length,
    etag: `"v${version}"`,
    modifiedAt,
  })
  const write = (key: string, bytes: Uint8Array): FileInfo => {
    const file = { bytes, version: ++version, modifiedAt: now() }
    stored.set(key, file)
    return info(key, file)
  }
  return {
    root,
    async put(key, content, condition = {}) {
      assertKey(key)
      const bytes = await bytesOf(content)
      const old = stored.get(key)
      const replaces = condition.ifNoneMatch === '*' && old !== undefined
      const changed =
        condition.ifMatch !== undefined && (old === undefined || info(key, old).etag !== condition.ifMatch)
      if (replaces || changed) throw new Problem('file_conflict', `The file ${key} has changed`)
      return write(key, bytes)
    },
    async append(key, text) {
      assertKey(key)
      const old = stored.get(key)?.bytes ?? new Uint8Array()
      write(key, new Uint8Array([...old, ...new TextEncoder().encode(text)]))
    },
    async get(key, range) {
      assertKey(key)
      const file = stored.get(key)
      return file === undefined ? null : { ...info(key, file), body: streamOf(slice(file.bytes, range)) }
    },
    async head(key) {
      assertKey(key)
      const file = stored.get(key)
      return file === undefined ? null : info(key, file)
    },
    async list(prefix, { cursor, limit = LIST_MAX } = {}) {
      const keys = [...stored.keys()].filter((key) => key.startsWith(prefix) && (cursor === undefined || key > cursor))
      const page = keys.toSorted().slice(0, limit)
      const files = page.flatMap((key) => {
        const file = stored.get(key)
        return file === undefined ? [] : [info(key, file)]
      })
      return { files, cursor: keys.length > limit ? (page.at(-1) ?? null) : null }
    },
    async delete(keys) {
      for (const key of keys) stored.delete(key)
    },
  }
}

async function bytesOf(content: FileContent): Promise<Uint8Array> {
  return new Uint8Array(await new Response(content as BodyInit).arrayBuffer())
}

function slice(bytes: Uint8Array, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return bytes
  return bytes.slice(range.offset, range.length === undefined ? undefined : range.offset + range.length)
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
}
