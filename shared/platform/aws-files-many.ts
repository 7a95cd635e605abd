import { type S3Bucket, xmlOf } from './aws-s3.ts'
import { sha256 } from './aws-sign.ts'
import { childrenOf, escapeXml, textAt, type XmlElement } from './aws-xml.ts'
import type { FileInfo, FilePage } from './files.ts'
import { Problem } from './problems.ts'

const KEYS_MAX = 1_000 // S3's own limit, for lists and for deletions

/** A page of the files below a prefix, in the order of the keys' bytes. */
export async function listObjects(
  bucket: S3Bucket,
  prefix: string,
  { cursor, limit = KEYS_MAX }: { cursor?: string; limit?: number },
): Promise<FilePage> {
  const { response } = await bucket.send({
    action: 'ListObjectsV2',
    method: 'GET',
    query: {
      'list-type': '2',
      'encoding-type': 'url', // keys may have characters that XML has not
      'max-keys': String(Math.min(limit, KEYS_MAX)),
      prefix: bucket.config.prefix + prefix,
      ...(cursor === undefined ? {} : { 'continuation-token': cursor }),
    },
  })
  const root = await xmlOf('ListObjectsV2', response)
  // Some that speak S3 do not know the encoding, and say so by not naming it.
  const read = textAt(root, 'EncodingType') === 'url' ? urlDecode : (text: string) => text
  const more = textAt(root, 'IsTruncated') === 'true'
  return {
    files: childrenOf(root, 'Contents').map((element) => infoOf(element, bucket.config.prefix, read)),
    cursor: more ? (textAt(root, 'NextContinuationToken') ?? null) : null,
  }
}

/** Deletes any number of files; missing ones are no error. */
export async function deleteObjects(bucket: S3Bucket, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += KEYS_MAX) {
    await deleteBatch(bucket, keys.slice(start, start + KEYS_MAX))
  }
}

async function deleteBatch(bucket: S3Bucket, keys: readonly string[]): Promise<void> {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(bucket.config.prefix + key)}</Key></Object>`)
  const body = new TextEncoder().encode(`<Delete><Quiet>true</Quiet>${objects.join('')}</Delete>`)
  const { response } = await bucket.send({
    action: 'DeleteObjects',
    method: 'POST',
    query: { delete: '' },
    // S3 asks for a digest of this body; the web's cryptography has no MD5.
    headers: {
      'content-type': 'application/xml',
      'x-amz-sdk-checksum-algorithm': 'SHA256',
      'x-amz-checksum-sha256': base64(await sha256(body)),
    },
    body,
    mayFailLate: true,
  })
  const [failed] = childrenOf(await xmlOf('DeleteObjects', response), 'Error')
  if (failed !== undefined) {
    const key = JSON.stringify(textAt(failed, 'Key'))
    throw new Problem('files_unavailable', `Cannot delete ${key} (${textAt(failed, 'Code')})`)
  }
}

function infoOf(element: XmlElement, prefix: string, read: (key: string) => string): FileInfo {
  const at = Date.parse(textAt(element, 'LastModified') ?? '')
  return {
    key: read(textAt(element, 'Key') ?? '').slice(prefix.length),
    size: Number(textAt(element, 'Size')),
    etag: textAt(element, 'ETag') ?? '',
    // Lists may tell milliseconds, objects never do: the same file has one time.
    modifiedAt: new Date(Math.floor(at / 1_000) * 1_000),
  }
}

/** S3 writes a space as a plus sign. */
function urlDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
