import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('embedded-server.ts', import.meta.url))

/** An embedded Postgres behind a socket, in a process of its own so that what it computes holds up nobody. */
export interface ServedDatabase extends AsyncDisposable {
  readonly url: string
}

/** Serves the embedded database of a directory, which must not be open anywhere else. @param password anything: none is asked for */
export async function serveDirectory(directory: string, password: string): Promise<ServedDatabase> {
  const child = fork(SERVER, [directory], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  const ended = once(child, 'exit')
  const told = await Promise.race([once(child, 'message'), ended])
  if (child.exitCode !== null) throw new Error(`The embedded Postgres ended with ${child.exitCode}: ${errors}`)
  const { port } = told[0] as AddressInfo
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
