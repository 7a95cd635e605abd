import { type ServerType, serve } from '@hono/node-server'
import type { Address } from './address.ts'

const TRIES_MAX = 5

/**
 * Serves HTTP where it may. A port may be taken between being found free and being used: another one is chosen then.
 * @throws when every try came too late, or the host can't be listened on
 */
export async function listen(
  choose: () => Promise<Address>,
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ address: Address; server: ServerType }> {
  for (let tries = 1; ; tries++) {
    const address = await choose()
    const server = serve({ fetch, hostname: address.host, port: address.port })
    try {
      await listening(server)
      return { address, server }
    } catch (error) {
      if (tries === TRIES_MAX || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

function listening(server: ServerType): Promise<void> {
  return new Promise((done, fail) => {
    server.once('listening', () => done())
    server.once('error', fail)
    if (server.listening) done()
  })
}
