import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const QUERY = 0x51 // 'Q': a simple query
const EXECUTE = 0x45 // 'E': of the extended protocol, whether the statement was prepared before or not

export interface CountingProxy extends AsyncDisposable {
  /** The same database, through the proxy. */
  readonly url: string
  /** Statements sent so far, by all connections. */
  count(): number
}

/** A loopback proxy that counts the statements of Postgres' protocol, whatever client sends them. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target)
  let statements = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port === '' ? 5432 : port), noDelay: true })
    client.setNoDelay(true)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    const parse = frontendMessages((type) => {
      if (type === QUERY || type === EXECUTE) statements += 1
    })
    client.on('data', parse)
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  const address = server.address()
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    count: () => statements,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

const STARTUP_HEADER = 4 // the first message, and a request for TLS before it, have a length and no type
const TLS_REQUEST = 80_877_103

/** Tells the type of each message that a client sends, wherever the pieces are cut. */
function frontendMessages(onMessage: (type: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let started = false
  let skip = 0
  return (chunk) => {
    let at = Math.min(skip, chunk.length)
    skip -= at
    if (skip > 0) return
    let bytes = rest.length === 0 ? chunk.subarray(at) : Buffer.concat([rest, chunk.subarray(at)])
    for (at = 0; ; ) {
      const header = started ? 5 : STARTUP_HEADER + 4
      if (bytes.length - at < header) break
      const length = bytes.readInt32BE(at + (started ? 1 : 0)) + (started ? 1 : 0)
      if (started) onMessage(bytes[at] ?? 0)
      else started = bytes.readInt32BE(at + STARTUP_HEADER) !== TLS_REQUEST
      at += length
      if (at > bytes.length) {
        skip = at - bytes.length
        at = bytes.length
        break
      }
    }
    bytes = bytes.subarray(at)
    rest = Buffer.from(bytes)
  }
}
