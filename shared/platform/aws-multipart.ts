import { type AwsAnswer, drain } from './aws-client.ts'
import { type S3Bucket, xmlOf } from './aws-s3.ts'
import { escapeXml, textAt } from './aws-xml.ts'
import { Problem } from './problems.ts'

/** S3 takes 5 MiB to 5 GiB, and 10,000 parts: so that a file has 80 GB at most. */
export const PART_BYTES = 8 * 1_048_576

const BUFFER_BYTES = 65_536 // to begin with; most streams are small

/** What a write is sent with. */
export interface WriteHeaders {
  readonly metadata: Readonly<Record<string, string>>
  readonly condition: Readonly<Record<string, string>>
  /** Statuses that say that the condition does not hold. */
  readonly conflicts: readonly number[]
}

/**
 * Uploads a file part by part, and makes it visible at the end if the condition holds then. Leaves nothing half-made.
 * @param parts each of PART_BYTES but the last
 * @returns S3's last answer
 */
export async function putParts(
  bucket: S3Bucket,
  key: string,
  parts: AsyncIterable<Uint8Array>,
  headers: WriteHeaders,
): Promise<AwsAnswer> {
  const uploadId = await createUpload(bucket, key, headers.metadata)
  let whole = false
  try {
    const etags: string[] = []
    for await (const body of parts) {
      const query = { partNumber: String(etags.length + 1), uploadId }
      const { response } = await bucket.send({ action: 'UploadPart', method: 'PUT', key, query, body })
      await drain(response)
      etags.push(response.headers.get('etag') ?? '')
    }
    const answer = await completeUpload(bucket, key, uploadId, etags, headers)
    whole = answer.response.ok
    return answer
  } finally {
    // What stays behind when this fails, too, is removed by the bucket's lifecycle rule.
    if (!whole) await abortUpload(bucket, key, uploadId).catch(() => undefined)
  }
}

/**
 * A stream's bytes in parts of PART_BYTES, of which the last is shorter; one empty part for an empty stream.
 * A part is good until the next is asked for: its memory is used again.
 */
export async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let buffer = new Uint8Array(BUFFER_BYTES)
  let filled = 0
  let parts = 0
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, PART_BYTES - filled)
      buffer = withRoom(buffer, filled + taken)
      buffer.set(chunk.subarray(at, at + taken), filled)
      at += taken
      filled += taken
      if (filled < PART_BYTES) continue
      yield buffer
      parts++
      filled = 0
    }
  }
  if (filled > 0 || parts === 0) yield buffer.subarray(0, filled)
}

/** Twice as large as often as needed, so that small streams take little and large ones are seldom copied. */
function withRoom(buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  if (bytes <= buffer.length) return buffer
  let size = buffer.length
  while (size < bytes) size *= 2
  const larger = new Uint8Array(Math.min(size, PART_BYTES))
  larger.set(buffer)
  return larger
}

async function createUpload(bucket: S3Bucket, key: string, metadata: Readonly<Record<string, string>>) {
  const action = 'CreateMultipartUpload'
  const { response } = await bucket.send({ action, method: 'POST', key, query: { uploads: '' }, headers: metadata })
  const uploadId = textAt(await xmlOf(action, response), 'UploadId')
  if (uploadId === undefined) throw new Problem('files_unavailable', `${action}: the answer names no upload`)
  return uploadId
}

async function completeUpload(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  etags: readonly string[],
  { condition, conflicts }: WriteHeaders,
): Promise<AwsAnswer> {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  )
  return await bucket.send({
    action: 'CompleteMultipartUpload',
    method: 'POST',
    key,
    query: { uploadId },
    headers: { ...condition, 'content-type': 'application/xml' },
    body: new TextEncoder().encode(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
    // 404 also when an earlier try, whose answer was lost, has completed it.
    accepts: [...conflicts, 404],
    mayFailLate: true,
  })
}

async function abortUpload(bucket: S3Bucket, key: string, uploadId: string): Promise<void> {
  const request = { action: 'AbortMultipartUpload', method: 'DELETE', key, query: { uploadId } }
  const { response } = await bucket.send({ ...request, accepts: [404] })
  await drain(response)
}
