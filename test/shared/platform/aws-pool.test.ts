import { connect as connectTo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { warmPool } from '../../../shared/platform/aws-pool.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

test('drops a connection that was cut without a word, and keeps one that answers', async (context) => {
  if (store.url === null) context.skip('a pool connects by URL: set HELIX_TEST_DATABASE_URL')
  await using wire = await silenceable(new URL(store.url ?? ''))
  const { pool, revive } = warmPool(wire.url, systemClock())
  const backend = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid as number
  const first = await backend()
  await revive()
  expect(await backend()).toBe(first)
  wire.silence()
  await revive()
  expect(pool.totalCount).toBe(0)
  expect(await backend()).not.toBe(first)
  await pool.end()
})

/** A way to a server on which packets can begin to get lost, as in a network that has forgotten a connection. */
async function silenceable(target: URL): Promise<{ url: string; silence(): void } & AsyncDisposable> {
  const sockets: [Socket, Socket][] = []
  const server = createServer((near) => {
    const far = connectTo(Number(target.port || 5432), target.hostname)
    near.pipe(far)
    far.pipe(near)
    for (const socket of [near, far]) socket.on('error', () => undefined)
    sockets.push([near, far])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    silence() {
      for (const [near, far] of sockets) {
        near.unpipe(far)
        far.unpipe(near)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.flat()) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
