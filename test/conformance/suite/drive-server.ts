import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Drive } from './drive.ts'

/** Where a target's functions reach a drive: `POST /send` takes `{ message, delaySeconds }`, `POST /bury` a letter. */
export async function serveDrive(drive: Drive): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const take = async () => {
      const body = JSON.parse(await textOf(request))
      if (request.url === '/bury') drive.buried(body)
      else await drive.sent(body.message, body.delaySeconds)
      response.end()
    }
    take().catch((cause: unknown) => response.writeHead(500).end(String(cause)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
