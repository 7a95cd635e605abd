import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** How an answer begins, in the words of API Gateway's payload format 2.0 (function URLs speak it too). */
export interface GatewayHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
}

/** A whole answer. */
export interface GatewayAnswer extends GatewayHead {
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** What Lambda lets a buffered answer have, as the JSON that carries it (6 MB, less what AWS adds). */
export const ANSWER_BYTES_MAX = 6_000_000

// They belong to one connection, and the gateway has its own.
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade)$/
const BODILESS_METHODS = new Set(['GET', 'HEAD'])

/**
 * The Request that an event of payload format 2.0 stands for. Hono's own conversion is not used: it is going away,
 * percent-encodes header values, drops empty ones, and does not know an HTTP API's stage in the path.
 * @throws {TypeError} when it is no request that HTTP allows
 */
export function requestOf(event: APIGatewayProxyEventV2): Request {
  const { http, domainName } = event.requestContext
  const headers = new Headers()
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined && !HOP_BY_HOP.test(name.toLowerCase())) headers.set(name, byteString(value))
  }
  const { cookies = [] } = event
  if (cookies.length > 0) headers.set('cookie', byteString(cookies.join('; ')))
  const host = headers.get('host') ?? domainName
  const scheme = headers.get('x-forwarded-proto') === 'http' ? 'http' : 'https'
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`
  const method = http.method.toUpperCase()
  const body = BODILESS_METHODS.has(method) ? undefined : bodyOf(event)
  if (body === undefined) headers.delete('content-length')
  else headers.set('content-length', String(body.length)) // what arrived, whatever the encodings on the way
  return new Request(`${scheme}://${host}${pathOf(event)}${query}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  })
}

/** Status, headers and cookies of a Response, for a body that follows. */
export function headOf(response: Response): GatewayHead {
  const headers: Record<string, string> = {}
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie' && !HOP_BY_HOP.test(name)) headers[name] = value
  }
  return { statusCode: response.status, headers, cookies: response.headers.getSetCookie() }
}

/** A Response as one value; null when it is larger than a Lambda may answer with. The rest is then not read. */
export async function wholeAnswer(response: Response): Promise<GatewayAnswer | null> {
  const bytes = await bytesUpTo(response, ANSWER_BYTES_MAX)
  if (bytes === null) return null
  const text = textOf(bytes)
  const head = headOf(response)
  const answer =
    text === null
      ? { ...head, body: bytes.toString('base64'), isBase64Encoded: true }
      : { ...head, body: text, isBase64Encoded: false }
  return Buffer.byteLength(JSON.stringify(answer)) > ANSWER_BYTES_MAX ? null : answer
}

async function bytesUpTo(response: Response, limit: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (response.body !== null) {
    for await (const chunk of response.body) {
      size += chunk.length
      if (size > limit) return null // leaving the loop cancels the stream
      chunks.push(chunk)
    }
  }
  return Buffer.concat(chunks)
}

/** What is UTF-8 travels as text, whatever its type says; everything else as base64. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEventV2): Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || body === '') return undefined
  return isBase64Encoded ? Uint8Array.from(Buffer.from(body, 'base64')) : new TextEncoder().encode(body)
}

/**
 * A function URL gives the path as it was sent. An HTTP API gives it decoded, and with its stage in front unless that
 * is the default one. Escapes that are there stay; what no path may hold is escaped.
 */
function pathOf({ rawPath, requestContext }: APIGatewayProxyEventV2): string {
  const { stage } = requestContext
  const staged = stage !== undefined && stage !== '$default' && `${rawPath}/`.startsWith(`/${stage}/`)
  const path = staged ? rawPath.slice(stage.length + 1) : rawPath
  const escaped = path.replaceAll(/%(?![\da-f]{2})|[?#\\]/gi, (character) => encodeURIComponent(character))
  return escaped.startsWith('/') ? escaped : `/${escaped}`
}

/** Header values are bytes to a Request; what AWS has decoded as UTF-8 becomes those bytes again. */
function byteString(value: string): string {
  return /[\u0100-\uffff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value
}
