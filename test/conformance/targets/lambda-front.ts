import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { GatewayAnswer, GatewayHead } from '../../../shared/platform/aws-http.ts'
import type { Answered } from './lambda-sandbox.ts'

/** A function URL on loopback: requests become events of payload format 2.0, and answers responses again. */
export interface FunctionUrl extends AsyncDisposable {
  readonly url: string
}

const REQUEST_BYTES_MAX = 6_291_456 // of an invocation
const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)\b)/
const PRELUDE_END = Buffer.alloc(8)

/** Starts it. @param invoke hands an event to the Lambda behind it */
export async function functionUrl(invoke: (event: unknown) => Promise<{ answered: Answered }>): Promise<FunctionUrl> {
  const server = createServer((request, response) => {
    serve(request, response, invoke).catch(() => {
      // As AWS says it: what went wrong is in the function's log.
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { 'content-type': 'application/json' }).end('{"Message":"Internal Server Error"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  invoke: (event: unknown) => Promise<{ answered: Answered }>,
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  if (body.length > REQUEST_BYTES_MAX) {
    response.writeHead(413, { 'content-type': 'application/json' }).end('{"Message":"Request too long"}')
    return
  }
  const { answered } = await invoke(eventOf(request, body))
  if (answered.kind === 'value') {
    const { body: text, isBase64Encoded, ...head } = answered.value as GatewayAnswer
    begin(response, head).end(Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8'))
    return
  }
  const { head, rest } = await preludeOf(answered.body)
  begin(response, head).write(rest)
  await pipeline(answered.body, response, { end: false })
  // What failed on the way is told after the body, when the caller has been told that all is well.
  if (answered.body.trailers['lambda-runtime-function-error-type'] === undefined) response.end()
  else response.destroy()
}

function eventOf(request: IncomingMessage, body: Buffer): APIGatewayProxyEventV2 {
  const { method = 'GET', url = '/', headers } = request
  const [, rawPath = '/', rawQueryString = ''] = /^([^?]*)\??(.*)$/s.exec(url) ?? []
  const { cookie, ...others } = headers
  const isText = TEXT.test(headers['content-type'] ?? '')
  const sent = Object.entries(others).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: { ...Object.fromEntries(sent), 'x-forwarded-proto': 'http', 'x-forwarded-for': '127.0.0.1' },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'loopback',
      domainName: headers.host ?? '127.0.0.1',
      domainPrefix: 'loopback',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function begin(response: ServerResponse, { statusCode, headers, cookies }: GatewayHead): ServerResponse {
  response.writeHead(statusCode, { ...headers, ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }) })
  response.flushHeaders()
  return response
}

/** Reads status and headers off the front of a streamed answer: JSON, eight NUL bytes, then the body. */
async function preludeOf(body: IncomingMessage): Promise<{ head: GatewayHead; rest: Buffer }> {
  let held = Buffer.alloc(0)
  for (;;) {
    const end = held.indexOf(PRELUDE_END)
    if (end !== -1) {
      const head = JSON.parse(held.subarray(0, end).toString()) as GatewayHead
      return { head, rest: held.subarray(end + PRELUDE_END.length) }
    }
    held = Buffer.concat([held, await nextChunk(body)])
  }
}

async function nextChunk(body: IncomingMessage): Promise<Buffer> {
  for (;;) {
    const chunk = body.read() as Buffer | null
    if (chunk !== null) return chunk
    if (body.readableEnded || body.destroyed) throw new Error('The answer ended before its head')
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const name of ['readable', 'end', 'close']) body.off(name, done)
        resolve()
      }
      for (const name of ['readable', 'end', 'close']) body.on(name, done)
    })
  }
}
