import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from 'vitest'
import { openProxy } from './proxy.ts'

const COMMIT = message('Q', 'commit\0')
const COMMITTED = Buffer.concat([message('C', 'COMMIT\0'), message('Z', 'I')])

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + Buffer.byteLength(body))
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}

/** Something that answers like a server whose transaction is open: each query is a commit. */
async function openServer() {
  const commits: string[] = []
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (startup) => {
      const name = /chaos-\w+/.exec(startup.toString('latin1'))?.[0] ?? ''
      socket.on('data', () => {
        commits.push(name)
        socket.write(COMMITTED)
      })
      socket.write(message('Z', 'T'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return { port, commits, [Symbol.asyncDispose]: async () => void server.close() }
}

async function connect(port: number, name: string): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(message('', `\0\u0003\0\0application_name\0chaos-${name}\0\0`))
  await once(socket, 'data')
  return socket
}

test('an answer is lost after its commit has come to the server, and once only', async () => {
  await using server = await openServer()
  const proxy = await openProxy(server.port)
  const first = await connect(proxy.port, 'first')
  const seen: Buffer[] = []
  first.on('data', (chunk: Buffer) => seen.push(chunk))
  proxy.loseAnswer()
  first.write(COMMIT)
  await new Promise((closed) => first.once('close', closed)) // reset, which `once` would take for a failure
  expect({ commits: server.commits, seen, lost: proxy.lost }).toEqual({ commits: ['chaos-first'], seen: [], lost: 1 })

  const second = await connect(proxy.port, 'second')
  second.write(COMMIT)
  const [answer] = await once(second, 'data')
  expect(answer).toEqual(COMMITTED)
  await proxy.close()
})

test('a connection that is half open carries nothing any more, and nobody is told', async () => {
  await using server = await openServer()
  const proxy = await openProxy(server.port)
  const cut = await connect(proxy.port, 'cut')
  const whole = async () => {
    const socket = await connect(proxy.port, 'whole')
    socket.write(COMMIT)
    await once(socket, 'data')
  }
  expect(proxy.halfOpen()).toBe(1)
  cut.write(COMMIT)
  await whole()
  await whole()
  expect(server.commits).toEqual(['chaos-whole', 'chaos-whole'])
  expect(cut.destroyed).toBe(false)
  await proxy.close()
})
