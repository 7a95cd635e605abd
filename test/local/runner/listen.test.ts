import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../../local/runner/listen.ts'

const host = '127.0.0.1'
const answer = () => new Response('here')

/** A port that somebody has taken since it was found free. */
async function takenPort() {
  const holder = createServer().listen(0, host)
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  return { port, [Symbol.dispose]: () => void holder.close() }
}

test('a port that is taken at the last moment is given up for another one', async () => {
  using taken = await takenPort()
  const chosen = [taken.port, taken.port, 0]
  const { server } = await listen(async () => ({ host, port: chosen.shift() ?? 0 }), answer)
  const { port } = server.address() as AddressInfo
  expect(await (await fetch(`http://${host}:${port}`)).text()).toBe('here')
  expect(chosen).toEqual([])
  server.close()
})

test('a port that is always taken is an error after some tries', async () => {
  using taken = await takenPort()
  let tries = 0
  const choose = async () => {
    tries += 1
    return { host, port: taken.port }
  }
  await expect(listen(choose, answer)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(tries).toBe(5)
})
