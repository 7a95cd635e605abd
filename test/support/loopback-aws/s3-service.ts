import { createHash, randomUUID } from 'node:crypto'
import { childrenOf, escapeXml, readXml, textAt, type XmlElement } from '../../../shared/platform/aws-xml.ts'
import type { BucketModel, StoredObject, WriteCondition } from './bucket-model.ts'
import { type Answer, header, type Received, ServiceError } from './exchange.ts'
import { listObjects } from './s3-list.ts'

const KEYS_MAX = 1_000
const XML = '<?xml version="1.0" encoding="UTF-8"?>\n'

interface Call {
  readonly received: Received
  readonly bucket: BucketModel
  readonly key: string
}

const ACTIONS: Readonly<Record<string, (call: Call) => Answer>> = {
  ListObjectsV2: ({ received, bucket }) => xml(listObjects(bucket, received.query)),
  DeleteObjects: ({ received, bucket }) => deleteObjects(received, bucket),
  GetObject: ({ received, bucket, key }) => getObject(received, existing(bucket, key)),
  HeadObject: ({ received, bucket, key }) => getObject(received, existing(bucket, key)),
  PutObject: ({ received, bucket, key }) => {
    const object = bucket.put(key, checked(received), metadataOf(received), conditionOf(received))
    return { status: 200, headers: { etag: object.etag } }
  },
  DeleteObject: ({ bucket, key }) => {
    bucket.delete(key)
    return { status: 204 }
  },
  CreateMultipartUpload: ({ received, bucket, key }) => {
    const id = bucket.startUpload(key, metadataOf(received))
    const inner = `<Bucket>${bucket.name}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId>`
    return xml(`<InitiateMultipartUploadResult>${inner}</InitiateMultipartUploadResult>`)
  },
  UploadPart: ({ received, bucket, key }) => {
    const { query } = received
    const etag = bucket.putPart(key, query.get('uploadId') ?? '', Number(query.get('partNumber')), checked(received))
    return { status: 200, headers: { etag } }
  },
  CompleteMultipartUpload: ({ received, bucket, key }) => {
    const parts = childrenOf(bodyXml(received, 'CompleteMultipartUpload'), 'Part').map((part) => ({
      number: Number(textAt(part, 'PartNumber')),
      etag: textAt(part, 'ETag') ?? '',
    }))
    const { etag } = bucket.complete(key, received.query.get('uploadId') ?? '', parts, conditionOf(received))
    const inner = `<Key>${escapeXml(key)}</Key><ETag>${escapeXml(etag).replaceAll('"', '&quot;')}</ETag>`
    return xml(`<CompleteMultipartUploadResult>${inner}</CompleteMultipartUploadResult>`)
  },
  AbortMultipartUpload: ({ received, bucket, key }) => {
    bucket.abort(key, received.query.get('uploadId') ?? '')
    return { status: 204 }
  },
}

/** What a request asks of S3, addressed as `/bucket/key`. */
export function s3Action({ method, path, query }: Received): string {
  if (/^\/[^/]+\/?$/.test(path)) {
    if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2'
    return method === 'POST' && query.has('delete') ? 'DeleteObjects' : 'Unknown'
  }
  if (query.has('uploadId')) {
    if (method === 'PUT') return 'UploadPart'
    if (method === 'POST') return 'CompleteMultipartUpload'
    return method === 'DELETE' ? 'AbortMultipartUpload' : 'Unknown'
  }
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'Unknown'
  return { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method] ?? 'Unknown'
}

/** Answers one request as S3's REST interface does. @throws {ServiceError} */
export function answerS3(
  received: Received,
  action: string,
  bucketOf: (name: string) => BucketModel | undefined,
): Answer {
  const [, name = '', ...rest] = received.path.split('/')
  const bucket = bucketOf(name)
  if (bucket === undefined) throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist')
  const act = ACTIONS[action]
  if (act === undefined) throw new ServiceError(501, 'NotImplemented', `${received.method} ${received.path}`)
  const answer = act({ received, bucket, key: rest.map(decodeURIComponent).join('/') })
  return { ...answer, headers: { 'x-amz-request-id': randomUUID(), ...answer.headers } }
}

/** A refusal as S3 writes it. */
export function s3Refusal({ status, code, message }: ServiceError): Answer {
  const inner = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': randomUUID() },
    body: `${XML}<Error>${inner}<RequestId>${randomUUID()}</RequestId></Error>`,
  }
}

function getObject(received: Received, object: StoredObject): Answer {
  const ifMatch = header(received, 'if-match')
  if (ifMatch !== '' && ifMatch !== object.etag) throw new ServiceError(412, 'PreconditionFailed', 'It has changed')
  const size = object.content.length
  const headers = {
    etag: object.etag,
    'last-modified': object.modifiedAt.toUTCString(), // whole seconds
    'accept-ranges': 'bytes',
    'content-type': 'binary/octet-stream',
    ...object.metadata,
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(header(received, 'range'))
  if (range === null) return { status: 200, headers: { ...headers, 'content-length': `${size}` }, body: object.content }
  const start = Number(range[1])
  const end = range[2] === '' ? size - 1 : Math.min(Number(range[2]), size - 1)
  if (start >= size) throw new ServiceError(416, 'InvalidRange', 'The requested range is not satisfiable')
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': `${end - start + 1}` },
    body: object.content.subarray(start, end + 1),
  }
}

/** S3 asks for a digest here, since one wrong bit could delete another object. */
function deleteObjects(received: Received, bucket: BucketModel): Answer {
  if (header(received, 'content-md5') === '' && header(received, 'x-amz-checksum-sha256') === '') {
    throw new ServiceError(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5')
  }
  checked(received)
  const root = bodyXml(received, 'Delete')
  const keys = childrenOf(root, 'Object').map((object) => textAt(object, 'Key') ?? '')
  if (keys.length === 0 || keys.length > KEYS_MAX) throw new ServiceError(400, 'MalformedXML', `${keys.length} keys`)
  for (const key of keys) bucket.delete(key)
  const told = textAt(root, 'Quiet') === 'true' ? [] : keys
  const deleted = told.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`)
  return xml(`<DeleteResult>${deleted.join('')}</DeleteResult>`)
}

function existing(bucket: BucketModel, key: string): StoredObject {
  const object = bucket.find(key)
  if (object === null) throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.')
  return object
}

/** The body, once it is what its digests say. */
function checked(received: Received): Buffer {
  for (const [name, algorithm] of [
    ['content-md5', 'md5'],
    ['x-amz-checksum-sha256', 'sha256'],
  ] as const) {
    const told = header(received, name)
    const actual = createHash(algorithm).update(received.body).digest('base64')
    if (told !== '' && told !== actual) throw new ServiceError(400, 'BadDigest', `${name} is not that of the body`)
  }
  return received.body
}

function bodyXml(received: Received, name: string): XmlElement {
  try {
    const root = readXml(received.body.toString())
    if (root.name === name) return root
  } catch {
    // Told below.
  }
  throw new ServiceError(400, 'MalformedXML', `The body is not <${name}>`)
}

function metadataOf({ headers }: Received): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [])),
  )
}

function conditionOf(received: Received): WriteCondition {
  return { ifMatch: header(received, 'if-match'), ifNoneMatch: header(received, 'if-none-match') }
}

function xml(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `${XML}${text}` }
}
