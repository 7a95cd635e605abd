import type { R2Bucket, R2Object, R2ObjectBody } from '@cloudflare/workers-types'
import {
  appendByReplacing,
  assertKey,
  type ByteRange,
  type FileBody,
  type FileContent,
  type FileInfo,
  type Files,
} from './files.ts'
import { Problem } from './problems.ts'

const PAGE_MAX = 1_000 // R2's own limit, for lists and for deletions
const CONTENT_BYTES_MAX = 64_000_000 // R2 wants to know a length beforehand, so streams are held: half of an isolate

/** Files in an R2 bucket. @param root how it is shown to people */
export function r2Files(bucket: R2Bucket, root: string): Files {
  const put = async (key: string, content: FileContent, condition: { ifNoneMatch?: '*'; ifMatch?: string } = {}) => {
    assertKey(key)
    const bytes = content instanceof ReadableStream ? await held(key, content) : content
    const stored = await onBucket('write', key, () => bucket.put(key, bytes, { onlyIf: conditionOf(condition) }))
    if (stored === null) throw new Problem('file_conflict', `${key} is not what it was expected to be`)
    return infoOf(stored)
  }
  let last: Appended | null = null
  return {
    root,
    put,
    async append(key, text) {
      assertKey(key)
      await appendByReplacing(async () => {
        // R2 can't append, so that the whole file is put again: at most once a second, for a log of some 80 bytes a line
        // (160 KB for a task of 500 tables). It is read only once: an invocation's own lines are the only new ones.
        const old = last?.key === key ? last : await onBucket('read', key, () => readWhole(bucket, key))
        const condition = old.etag === null ? { ifNoneMatch: '*' as const } : { ifMatch: old.etag }
        const whole = `${old.text}${text}`
        last = null
        last = { key, text: whole, etag: (await put(key, whole, condition)).etag }
      })
    },
    async get(key, range) {
      assertKey(key)
      return await onBucket('read', key, () => getRange(bucket, key, range))
    },
    async head(key) {
      assertKey(key)
      const found = await onBucket('read', key, () => bucket.head(key))
      return found === null ? null : infoOf(found)
    },
    async list(prefix, { cursor, limit = PAGE_MAX } = {}) {
      const options = { prefix, limit: Math.min(limit, PAGE_MAX), ...(cursor === undefined ? {} : { cursor }) }
      const page = await onBucket('list', prefix, () => bucket.list(options))
      return { files: page.objects.map(infoOf), cursor: page.truncated ? page.cursor : null }
    },
    async delete(keys) {
      for (const key of keys) assertKey(key)
      for (let start = 0; start < keys.length; start += PAGE_MAX) {
        const batch = keys.slice(start, start + PAGE_MAX)
        await onBucket('delete', batch[0] ?? '', () => bucket.delete(batch))
      }
    },
  }
}

/** The file that was appended to last, as it was then; a missing one has no etag. */
interface Appended {
  readonly key: string
  readonly text: string
  readonly etag: string | null
}

async function readWhole(bucket: R2Bucket, key: string): Promise<Appended> {
  const found = await bucket.get(key)
  return found === null ? { key, text: '', etag: null } : { key, text: await found.text(), etag: found.httpEtag }
}

async function getRange(bucket: R2Bucket, key: string, range: ByteRange | undefined): Promise<FileBody | null> {
  if (range === undefined) return bodyOf(await bucket.get(key))
  const info = await bucket.head(key)
  if (info === null) return null
  if (info.size === 0) return bodyOf(await bucket.get(key))
  if (range.offset >= info.size) {
    throw new Problem('range_not_satisfiable', `${key} has ${info.size} bytes, none at ${range.offset}`)
  }
  const length = Math.min(range.length ?? info.size, info.size - range.offset)
  return bodyOf(await bucket.get(key, { range: { offset: range.offset, length } }))
}

function bodyOf(found: R2ObjectBody | null): FileBody | null {
  // The runtime's stream is the same thing under another declaration.
  return found === null ? null : { ...infoOf(found), body: found.body as unknown as ReadableStream<Uint8Array> }
}

function infoOf({ key, size, httpEtag, uploaded }: R2Object): FileInfo {
  return { key, size, etag: httpEtag, modifiedAt: uploaded }
}

/** R2 wants etags without their quotes. */
function conditionOf({ ifNoneMatch, ifMatch }: { ifNoneMatch?: '*'; ifMatch?: string }) {
  return {
    ...(ifNoneMatch === undefined ? {} : { etagDoesNotMatch: ifNoneMatch }),
    ...(ifMatch === undefined ? {} : { etagMatches: ifMatch.replaceAll('"', '') }),
  }
}

async function held(key: string, stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > CONTENT_BYTES_MAX) throw new Problem('payload_too_large', `${key} has over ${CONTENT_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

async function onBucket<T>(action: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('files_unavailable', `Cannot ${action} ${JSON.stringify(key)} in the bucket (${reason})`, {
      hint: 'Check the R2 binding FILES',
      cause: error,
    })
  }
}
