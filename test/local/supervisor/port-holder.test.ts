import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { commandText, portHolder } from '../../../local/supervisor/port-holder.ts'

test('who listens on a port is found, and nobody once it is closed', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  expect(portHolder(port)).toMatchObject({ pid: process.pid, owner: process.getuid?.() })
  await new Promise((closed) => server.close(closed))
  expect(portHolder(port)).toBeNull()
})

test('a command line is shown without the passwords of its URLs, and cut where it is long', () => {
  expect(commandText(['psql', 'postgres://app:s3cret@db/shop'])).toBe('psql postgres://app:******@db/shop')
  expect(commandText(['x'.repeat(500)])).toHaveLength(121)
})
