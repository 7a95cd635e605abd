import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { illnessOf } from '../../../local/supervisor/vital-signs.ts'

/** What is found of a runner that answers so. */
async function found(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const look = () => illnessOf(url, { pause: async () => undefined, answerMs: 200 })
  const whileUp = await look()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return { whileUp, afterwards: await look() }
}

const answer =
  (ready: number, status: string): RequestListener =>
  (request, response) => {
    const isLive = request.url?.endsWith('/live') === true
    response.writeHead(isLive ? 200 : ready, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ status: isLive ? 'healthy' : status }))
  }

test('a runner is ill only when it takes calls without answering them, or says that its store is gone', async () => {
  expect((await found(() => undefined)).whileUp).toBe('silent')
  expect((await found(answer(503, 'unhealthy'))).whileUp).toBe('store')
  expect((await found(answer(200, 'healthy'))).whileUp).toBeNull()
})

test('a refused call and the answer of something else say nothing about a runner', async () => {
  expect(await found((_, response) => void response.writeHead(404).end('no'))).toEqual({
    whileUp: null,
    afterwards: null,
  })
})
