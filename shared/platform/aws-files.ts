import { drain, errorCode } from './aws-client.ts'
import type { AwsConfig } from './aws-config.ts'
import { deleteObjects, listObjects } from './aws-files-many.ts'
import { PART_BYTES, partsOf, putParts, type WriteHeaders } from './aws-multipart.ts'
import { type S3Bucket, s3Bucket } from './aws-s3.ts'
import type { Clock } from './clock.ts'
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
import { type Random, randomId } from './random.ts'

type Condition = NonNullable<Parameters<Files['put']>[2]>

const WRITE_ID = 'x-amz-meta-helix-write' // whose write an object is of: tells our own from another's when an answer was lost
const NOTHING = new Blob([])

/**
 * Files in a bucket of Amazon S3, or of another service that speaks its protocol and knows conditional writes.
 * Times are whole seconds, since that is all that S3 tells of a single object.
 */
export function s3Files(config: AwsConfig, clock: Clock, random: Random): Files {
  const bucket = s3Bucket(config, clock, random)
  return {
    root: `s3://${config.bucket}/${config.prefix.replace(/\/$/, '')}`,
    async put(key, content, condition = {}) {
      assertKey(key)
      return await infoAfter(bucket, key, await write(bucket, key, content, condition))
    },
    async append(key, text) {
      assertKey(key)
      await appendByReplacing(async () => {
        // S3 can't append. Logs are written in batches and stay small, so the whole file is read and put again.
        const old = await getObject(bucket, key)
        const content = old === null ? text : (await textOf(old)) + text
        await write(bucket, key, content, old === null ? { ifNoneMatch: '*' } : { ifMatch: old.etag })
      })
    },
    async get(key, range) {
      assertKey(key)
      return await getObject(bucket, key, range)
    },
    async head(key) {
      assertKey(key)
      return (await headObject(bucket, key))?.info ?? null
    },
    list: (prefix, options = {}) => listObjects(bucket, prefix, options),
    async delete(keys) {
      for (const key of keys) assertKey(key)
      await deleteObjects(bucket, keys)
    },
  }
}

/** What is known of a write before S3 is asked again. */
interface Written {
  readonly id: string
  readonly size: number
  readonly response: Response
}

async function write(bucket: S3Bucket, key: string, content: FileContent, condition: Condition): Promise<Written> {
  const id = randomId(bucket.random, 24)
  const headers: WriteHeaders = {
    metadata: { [WRITE_ID]: id },
    condition: {
      ...(condition.ifNoneMatch === undefined ? {} : { 'if-none-match': condition.ifNoneMatch }),
      ...(condition.ifMatch === undefined ? {} : { 'if-match': condition.ifMatch }),
    },
    conflicts: conflictsOf(condition),
  }
  const { answer, size } = await (content instanceof ReadableStream
    ? putStream(bucket, key, content, headers)
    : putBytes(bucket, key, typeof content === 'string' ? new TextEncoder().encode(content) : content, headers))
  const { response, tries } = answer
  const code = response.ok ? '' : await errorCode(response)
  // An earlier try may have taken effect though its answer was lost: what stands in the way then is our own.
  if (response.ok || (tries > 1 && (await headObject(bucket, key))?.writeId === id)) return { id, size, response }
  if (response.status === 404 && code !== 'NoSuchKey') {
    throw new Problem('files_unavailable', `Cannot write ${JSON.stringify(key)} (${code})`)
  }
  throw new Problem('file_conflict', `${key} is not what it was expected to be`)
}

/** 412: it does not hold; 409: another write is under way; 404: there is nothing that could match. */
function conflictsOf({ ifMatch, ifNoneMatch }: Condition): readonly number[] {
  if (ifMatch !== undefined) return [404, 409, 412]
  return ifNoneMatch === undefined ? [] : [409, 412]
}

async function putBytes(bucket: S3Bucket, key: string, body: Uint8Array, headers: WriteHeaders) {
  const answer = await bucket.send({
    action: 'PutObject',
    method: 'PUT',
    key,
    headers: { ...headers.metadata, ...headers.condition },
    body,
    accepts: headers.conflicts,
  })
  if (answer.response.ok) await drain(answer.response)
  return { answer, size: body.length }
}

async function putStream(bucket: S3Bucket, key: string, stream: ReadableStream<Uint8Array>, headers: WriteHeaders) {
  const parts = partsOf(stream)
  try {
    const first = (await parts.next()).value ?? new Uint8Array()
    if (first.length < PART_BYTES) return await putBytes(bucket, key, first, headers)
    let size = 0
    const all = async function* () {
      size += first.length
      yield first
      for await (const part of parts) {
        size += part.length
        yield part
      }
    }
    const answer = await putParts(bucket, key, all(), headers)
    return { answer, size }
  } finally {
    await parts.return() // the sender learns that nobody reads on
  }
}

/** S3 does not answer a write with the object's time, so it is asked for. */
async function infoAfter(bucket: S3Bucket, key: string, { id, size, response }: Written): Promise<FileInfo> {
  const found = await headObject(bucket, key).catch(() => null) // it is written, whatever comes of asking
  if (found !== null && found.writeId === id) return found.info
  // Replaced or deleted in the meantime: the time of S3's answer is as close as one can come.
  const modifiedAt = new Date(response.headers.get('date') ?? Number.NaN)
  return { key, size, etag: response.headers.get('etag') ?? '', modifiedAt }
}

async function headObject(bucket: S3Bucket, key: string): Promise<{ info: FileInfo; writeId: string | null } | null> {
  const { response } = await bucket.send({ action: 'HeadObject', method: 'HEAD', key, accepts: [404] })
  if (!response.ok) return null
  const size = Number(response.headers.get('content-length'))
  return { info: infoOf(key, size, response), writeId: response.headers.get(WRITE_ID) }
}

async function getObject(bucket: S3Bucket, key: string, range?: ByteRange): Promise<FileBody | null> {
  const { response } = await bucket.send({
    action: 'GetObject',
    method: 'GET',
    key,
    headers: range === undefined ? {} : { range: rangeText(range) },
    accepts: [404, 416],
  })
  if (response.ok) {
    const total = response.headers.get('content-range')?.split('/')[1] ?? response.headers.get('content-length')
    return { ...infoOf(key, Number(total), response), body: response.body ?? NOTHING.stream() }
  }
  const code = await errorCode(response)
  if (response.status === 404 && code === 'NoSuchKey') return null
  if (response.status !== 416) throw new Problem('files_unavailable', `Cannot read ${JSON.stringify(key)} (${code})`)
  const info = (await headObject(bucket, key))?.info ?? null
  if (info === null) return null
  if (info.size === 0) return { ...info, body: NOTHING.stream() } // S3 has no range of nothing
  throw new Problem('range_not_satisfiable', `${key} has ${info.size} bytes, none at ${range?.offset}`)
}

async function textOf({ key, body }: FileBody): Promise<string> {
  try {
    return await new Response(body).text()
  } catch (cause) {
    throw new Problem('files_unavailable', `Cannot read ${JSON.stringify(key)} to its end`, { cause })
  }
}

function rangeText({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`
}

function infoOf(key: string, size: number, { headers }: Response): FileInfo {
  return {
    key,
    size,
    etag: headers.get('etag') ?? '',
    modifiedAt: new Date(headers.get('last-modified') ?? Number.NaN),
  }
}
