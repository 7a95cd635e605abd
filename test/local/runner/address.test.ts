import { expect, test } from 'vitest'
import { chooseAddress } from '../../../local/runner/address.ts'
import { parseConfig } from '../../../shared/platform/config.ts'

const KEYS = { HELIX_AUTH: 'keys', HELIX_API_KEYS: 'root:admin:0123456789abcdef' }

test.each(['0.0.0.0', '::', '192.0.2.1', 'db.example'])(
  'without keys a runner refuses to listen on %s, and says how it may',
  async (host) => {
    await expect(chooseAddress(parseConfig({ HELIX_HOST: host }))).rejects.toMatchObject({
      code: 'address_unavailable',
      message: `Without authentication Helix listens on the loopback interface only, not on "${host}"`,
      hint: expect.stringContaining('HELIX_AUTH=keys'),
    })
  },
)

test.each([
  ['127.0.0.1', {}],
  ['localhost', {}],
  ['0.0.0.0', KEYS],
])('a runner listens on %s when it may', async (host, auth) => {
  const address = await chooseAddress(parseConfig({ HELIX_HOST: host, ...auth }))
  expect(address.host).toBe(host)
})
