import { createServer } from 'node:net'

/** The ports that Helix takes by itself, first to last. */
export const PORTS = { first: 8000, last: 8099 } as const

/**
 * The first port on which this host can be listened on. Another process may take it before the caller does.
 * @returns null when every one is taken
 */
export async function freePort(host: string, ports: { first: number; last: number } = PORTS): Promise<number | null> {
  for (let port = ports.first; port <= ports.last; port++) {
    if (await canListen(host, port)) return port
  }
  return null
}

/**
 * Whether a port can be listened on, found out by doing so for a moment.
 * @throws when the host is not one of this machine's addresses
 */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A port that another user holds, or that only root may take, is as little use as one that is taken.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
