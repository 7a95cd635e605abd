import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedMessage {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A server of somebody else's that is told of alerts. */
export interface AlertReceiver extends AsyncDisposable {
  readonly url: string
  readonly received: ReceivedMessage[]
  /** What it answers from now on; 200 and "ok" at first. */
  answer(status: number, body?: string, headers?: Record<string, string>): void
}

export async function openAlertReceiver(): Promise<AlertReceiver> {
  const received: ReceivedMessage[] = []
  let next = { status: 200, body: 'ok', headers: {} as Record<string, string> }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        text: Buffer.concat(chunks).toString('utf8'),
      })
      response.writeHead(next.status, next.headers).end(next.body)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (status, body = '', headers = {}) => {
      next = { status, body, headers }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
