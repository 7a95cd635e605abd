import type { KeptRequest } from './invocations.ts'

const BODY_BYTES_MAX = 65_536 // of a request that can be made again

/** What is needed to make a request again; null where its body is larger than what is kept. */
export async function keepRequest(request: Request): Promise<KeptRequest | null> {
  const body = await bodyOf(request)
  return body === undefined ? null : { method: request.method, url: request.url, headers: [...request.headers], body }
}

export function requestAgain({ method, url, headers, body }: KeptRequest): Request {
  return new Request(url, { method, headers: headers.map(([name, value]): [string, string] => [name, value]), body })
}

/** `GET /api/v0/…` as a log would show it. */
export function requestLine({ method, url }: Pick<Request, 'method' | 'url'>): string {
  const { pathname, search } = new URL(url)
  return `${method} ${pathname}${search}`
}

async function bodyOf(request: Request): Promise<string | null | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return null
  const length = request.headers.get('content-length')
  if (length === '0' || (length === null && request.body === null)) return null
  if (length === null || !(Number(length) <= BODY_BYTES_MAX)) return undefined
  return await request.clone().text()
}
