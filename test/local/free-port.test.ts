import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { canListen, freePort } from '../../local/drivers/free-port.ts'

test('the first free port is found, taken ones are passed over', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : 0
  expect(await canListen('127.0.0.1', taken)).toBe(false)
  expect(await freePort('127.0.0.1', { first: taken, last: taken })).toBeNull()
  expect(await freePort('127.0.0.1', { first: taken, last: taken + 50 })).toBeGreaterThan(taken)
  await new Promise((resolve) => server.close(resolve))
  expect(await freePort('127.0.0.1', { first: taken, last: taken })).toBe(taken)
})

test('a host that is not this machine is an error, not a taken port', async () => {
  await expect(canListen('192.0.2.1', 8000)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})
