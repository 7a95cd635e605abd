import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { header, type Received, ServiceError } from './exchange.ts'

export interface KnownCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const SKEW_MS_MAX = 15 * 60_000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([\da-f]{64})$/

/**
 * Recomputes a request's signature (AWS Signature Version 4) from what was received, without the code that made it.
 * @throws {ServiceError} when it is missing, wrong, too old, or does not cover what it must
 */
export function verifySignature(
  received: Received,
  expected: { service: string; region: string; credentials: KnownCredentials; now: Date },
): void {
  const { service, region, credentials, now } = expected
  const refuse = (why: string) => new ServiceError(403, 'SignatureDoesNotMatch', why)
  const parts = AUTHORIZATION.exec(header(received, 'authorization'))
  if (parts === null) throw refuse('There is no Authorization header of version 4')
  const [, keyId = '', day = '', signedRegion = '', signedService = '', signedHeaders = '', signature = ''] = parts
  if (keyId !== credentials.accessKeyId) {
    throw new ServiceError(403, service === 's3' ? 'InvalidAccessKeyId' : 'InvalidClientTokenId', 'Unknown access key')
  }
  if (header(received, 'x-amz-security-token') !== (credentials.sessionToken ?? '')) {
    throw new ServiceError(403, service === 's3' ? 'InvalidToken' : 'InvalidClientTokenId', 'Wrong session token')
  }
  const time = header(received, 'x-amz-date')
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(day)) throw refuse('The date is missing or of another day')
  if (signedRegion !== region || signedService !== service) throw refuse('The scope is of another region or service')
  if (Math.abs(timeOf(time) - now.getTime()) > SKEW_MS_MAX) {
    throw service === 's3'
      ? new ServiceError(403, 'RequestTimeTooSkewed', 'The time of the request differs too much')
      : new ServiceError(400, 'RequestExpired', 'The time of the request differs too much')
  }
  const names = signedHeaders.split(';')
  const uncovered = Object.keys(received.headers).find((name) => mustBeSigned(name) && !names.includes(name))
  if (uncovered !== undefined) throw refuse(`The header ${uncovered} is not signed`)
  if (names.join() !== [...names].sort().join()) throw refuse('The signed headers are not in order')

  const canonical = canonicalRequest(received, service, names)
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  )
  const right = createHmac('sha256', key).update(text).digest()
  if (!timingSafeEqual(right, Buffer.from(signature, 'hex'))) throw refuse('The signature is not that of the request')
}

function mustBeSigned(name: string): boolean {
  return name === 'host' || name === 'content-md5' || name.startsWith('x-amz-')
}

function canonicalRequest(received: Received, service: string, names: readonly string[]): string {
  const encoded = received.path
    .split('/')
    .map((segment) => percent(decodeURIComponent(segment)))
    .join('/')
  const path = service === 's3' ? encoded : percent(encoded).replaceAll('%2F', '/')
  const query = received.rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.includes('=') ? pair.indexOf('=') : pair.length
      return [pair.slice(0, at), pair.slice(at + 1)].map((part) =>
        percent(decodeURIComponent(part.replaceAll('+', ' '))),
      )
    })
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
  const headers = names.map((name) => `${name}:${header(received, name).trim().replace(/ +/g, ' ')}\n`).join('')
  return [received.method, path, query, headers, names.join(';'), bodyHash(received, service)].join('\n')
}

/** S3 is told the hash in a header, and compares it with what it gets. */
function bodyHash(received: Received, service: string): string {
  const actual = createHash('sha256').update(received.body).digest('hex')
  if (service !== 's3') return actual
  const told = header(received, 'x-amz-content-sha256')
  if (told === '') throw new ServiceError(400, 'InvalidRequest', 'Missing required header x-amz-content-sha256')
  if (told !== 'UNSIGNED-PAYLOAD' && told !== actual) {
    throw new ServiceError(400, 'XAmzContentSHA256Mismatch', 'The hash is not that of the body')
  }
  return told
}

/** RFC 3986, byte by byte. */
function percent(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

/** `20150830T123600Z` in milliseconds. */
function timeOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'))
}
