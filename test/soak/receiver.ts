import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where alerts are posted to, and what came. */
export interface Receiver {
  readonly url: string
  /** How often each message came, by its key. */
  readonly messages: ReadonlyMap<string, number>
  close(): Promise<void>
}

/** Listens on loopback, as somebody's webhook does. */
export async function openReceiver(): Promise<Receiver> {
  const messages = new Map<string, number>()
  const server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key'] ?? 'none')
    messages.set(key, (messages.get(key) ?? 0) + 1)
    request.resume().on('end', () => response.end('{}'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    messages,
    close: () => new Promise((done) => server.close(() => done())),
  }
}
