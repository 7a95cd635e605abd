import { escapeXml } from '../../../shared/platform/aws-xml.ts'
import type { BucketModel, StoredObject } from './bucket-model.ts'
import { ServiceError } from './exchange.ts'

const KEYS_MAX = 1_000
const TOKEN_PREFIX = 'after ' // a token is not a key, and whoever takes it for one shall notice

/** A page of ListObjectsV2, in the order of the keys' bytes. */
export function listObjects(bucket: BucketModel, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const max = Math.min(Number(query.get('max-keys') ?? KEYS_MAX), KEYS_MAX)
  if (!(Number.isInteger(max) && max >= 0)) throw new ServiceError(400, 'InvalidArgument', 'max-keys')
  const token = query.get('continuation-token')
  const after = token === null ? (query.get('start-after') ?? '') : keyOfToken(token)
  const encoding = query.get('encoding-type')
  const write = encoding === 'url' ? urlEncoded : (text: string) => text
  const rest = bucket.all().filter(({ key }) => key.startsWith(prefix) && isAfter(key, after))
  const page = rest.slice(0, max)
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  const next = more ? Buffer.from(TOKEN_PREFIX + last.key).toString('base64') : null
  return [
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket.name}</Name>`,
    `<Prefix>${escapeXml(write(prefix))}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys>`,
    `<IsTruncated>${more}</IsTruncated>`,
    encoding === null ? '' : `<EncodingType>${encoding}</EncodingType>`,
    next === null ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`,
    ...page.map((object) => contents(object, write)),
    '</ListBucketResult>',
  ].join('')
}

function contents({ key, content, etag, modifiedAt }: StoredObject, write: (text: string) => string): string {
  return [
    `<Contents><Key>${escapeXml(write(key))}</Key>`,
    `<LastModified>${modifiedAt.toISOString()}</LastModified>`, // with milliseconds, as some that speak S3 have them
    `<ETag>${escapeXml(etag).replaceAll('"', '&quot;')}</ETag><Size>${content.length}</Size>`,
    '<StorageClass>STANDARD</StorageClass></Contents>',
  ].join('')
}

function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0
}

function keyOfToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString()
  if (!text.startsWith(TOKEN_PREFIX)) {
    throw new ServiceError(400, 'InvalidArgument', 'The continuation token provided is incorrect')
  }
  return text.slice(TOKEN_PREFIX.length)
}

/** As S3 does it: slashes stay, a space is a plus sign. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+')
}
