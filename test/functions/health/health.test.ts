import { expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { functionKit } from '../../support/function-kit.ts'
import { testPlatform } from '../../support/test-platform.ts'
import type { TestStore } from '../../support/test-store.ts'

const kit = functionKit()

/** The platform on a store that fails in that way. */
const withStore = (query: TestStore['query']) =>
  testPlatform({ store: { ...kit.platform.store, query }, clock: kit.platform.clock })

test('health says that the database and the API are healthy, and nothing else', async () => {
  const answer = await kit.send('GET', '/api/v1/health')
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('{"status":"healthy","components":{"database":"healthy","api":"healthy"}}')
  expect(kit.platform.clock.sleepers()).toBe(0)
})

test('a store that fails makes health and readiness 503, while the process is alive', async () => {
  const platform = await withStore(async () => {
    throw new Error('connection refused')
  })
  const send = (path: string) => createApp(FUNCTIONS).request(path, {}, { platform })
  const health = await send('/api/v1/health')
  expect(health.status).toBe(503)
  expect(await health.json()).toEqual({
    status: 'unhealthy',
    components: { database: 'unhealthy', api: 'healthy' },
  })
  expect((await send('/api/v1/health/ready')).status).toBe(503)
  expect((await send('/api/v1/health/live')).status).toBe(200)
  await platform[Symbol.asyncDispose]()
})

test('a store that does not answer within three seconds counts as unhealthy', async () => {
  const platform = await withStore(() => new Promise<never>(() => undefined))
  const answer = createApp(FUNCTIONS).request('/api/v1/health', {}, { platform })
  await platform.clock.advance(3000)
  expect((await answer).status).toBe(503)
  await platform[Symbol.asyncDispose]()
})

test('a process that is asked to stop is alive and not ready', async () => {
  const platform = await testPlatform({ store: kit.platform.store })
  platform.stop()
  const send = (path: string) => createApp(FUNCTIONS).request(path, {}, { platform })
  expect(await (await send('/api/v1/health/ready')).json()).toEqual({ status: 'unhealthy' })
  expect(await (await send('/api/v1/health/live')).json()).toEqual({ status: 'healthy' })
  await platform[Symbol.asyncDispose]()
})
