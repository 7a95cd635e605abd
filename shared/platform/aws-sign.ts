/** Long-term keys, or the temporary ones of a role, which come with a session token. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What is signed for: a signature is good for one service of one region, on one day, for 15 minutes. */
export interface SigningScope {
  readonly region: string
  /** As AWS spells it in signatures: `s3`, `sqs`. */
  readonly service: string
  readonly now: Date
}

/** A request before it is sent. */
export interface SignableRequest {
  readonly method: string
  readonly url: URL
  /** Names in any case; `host` is taken from the URL. All of them are signed. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/**
 * Signs a request with AWS Signature Version 4, in the `Authorization` header.
 * Written after the AWS IAM User Guide, "Create a signed AWS API request", and the Amazon S3 API Reference,
 * "Signature Calculations for the Authorization Header".
 * @returns all headers to send, by their lower-case names, without `host`, which `fetch` sets itself
 */
export async function signRequest(
  request: SignableRequest,
  credentials: AwsCredentials,
  scope: SigningScope,
): Promise<Record<string, string>> {
  const time = amzTime(scope.now)
  const bodyHash = hex(await sha256(request.body ?? new Uint8Array()))
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value
  headers['x-amz-date'] = time
  if (scope.service === 's3') headers['x-amz-content-sha256'] = bodyHash // S3 alone asks for it
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken

  const signed = Object.entries({ ...headers, host: request.url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const signedNames = signed.map(([name]) => name).join(';')
  const canonicalRequest = [
    request.method,
    canonicalPath(request.url.pathname, scope.service),
    canonicalQuery(request.url.searchParams),
    ...signed.map(([name, value]) => `${name}:${value.trim().replaceAll(/\s+/g, ' ')}`),
    '',
    signedNames,
    bodyHash,
  ].join('\n')
  const credentialScope = [time.slice(0, 8), scope.region, scope.service, 'aws4_request']
  const text = [ALGORITHM, time, credentialScope.join('/'), hex(await sha256(encode(canonicalRequest)))].join('\n')

  let key: Uint8Array<ArrayBuffer> = encode(`AWS4${credentials.secretAccessKey}`)
  for (const part of [...credentialScope, text]) key = await hmac(key, part)
  const credential = [credentials.accessKeyId, ...credentialScope].join('/')
  headers.authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedNames}, Signature=${hex(key)}`
  return headers
}

/** Percent-encoding as RFC 3986 and AWS want it: everything but letters, digits and `-._~`. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** SHA-256 of some bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

/** S3 takes the path as it is sent, encoded once; every other service encodes what is sent once more. */
function canonicalPath(pathname: string, service: string): string {
  const segments = pathname.split('/').map((segment) => uriEncode(decodeURIComponent(segment)))
  return (service === 's3' ? segments : segments.map(uriEncode)).join('/')
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]): [string, string] => [uriEncode(name), uriEncode(value)])
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** `20150830T123600Z` */
function amzTime(at: Date): string {
  return at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, encode(text)))
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
