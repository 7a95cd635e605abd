import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What stands before the runners: it hands each request to the next of them, with the key that they ask for. */
export interface Front extends AsyncDisposable {
  readonly url: string
  /** Stops handing requests to that runner. */
  leaveOut(port: number): void
}

const BODY_BYTES_LARGE = 64 * 1024 // more than a connection takes before it is read
const REFUSAL_MS_MAX = 500

/** Opens it on loopback. @param ports of the runners @param key which no request brings along itself */
export async function openFront(ports: readonly number[], key: string): Promise<Front> {
  const open = [...ports]
  let turn = 0
  const server = createServer((asked, answer) => hand(asked, answer, open[turn++ % open.length] ?? 0, key))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    leaveOut: (gone) => void open.splice(open.indexOf(gone), 1),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function hand(asked: IncomingMessage, answer: ServerResponse, port: number, key: string): void {
  const headers = [...asked.rawHeaders, 'Authorization', `Bearer ${key}`]
  const sent = request(
    { host: '127.0.0.1', port, method: asked.method, path: asked.url, headers, agent: false },
    (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.statusMessage, answered.rawHeaders)
      answer.flushHeaders() // a stream may have nothing to say for a while
      answered.pipe(answer)
      answered.on('error', () => answer.destroy())
    },
  )
  if (isLarge(asked)) sendUnlessRefused(asked, sent)
  else asked.pipe(sent)
  sent.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
  answer.on('close', () => sent.destroy())
}

/**
 * A runner may refuse a large body for its length alone, and then reads none of it: what is still being written would
 * break the connection before the answer has been read.
 */
function sendUnlessRefused(asked: IncomingMessage, sent: ClientRequest): void {
  const waiting = setTimeout(() => asked.pipe(sent), REFUSAL_MS_MAX)
  sent.flushHeaders()
  sent.once('response', () => {
    clearTimeout(waiting)
    asked.resume()
  })
}

function isLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > BODY_BYTES_LARGE
}
