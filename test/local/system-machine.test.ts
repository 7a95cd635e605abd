import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { networkBytesIn, systemMachine } from '../../local/drivers/system-machine.ts'
import { poolReading, unseenMachine } from '../../shared/platform/machine.ts'
import { openTestStore } from '../support/test-store.ts'

const pool = { totalCount: 3, idleCount: 1, waitingCount: 2, options: { max: 20 } }
const machine = systemMachine({
  filesRoot: join(import.meta.dirname, 'not', 'made', 'yet'),
  pool: () => poolReading(pool),
})
afterAll(() => machine.close())

test('a machine tells its processors, memory, disk, event loop and connections', async () => {
  const store = await openTestStore() // some work, so that time passes
  await store.close()
  const { cpuShare, memory, disk, eventLoopDelayMs, pool: connections } = await machine.read()
  expect(cpuShare).toBeGreaterThanOrEqual(0)
  expect(cpuShare).toBeLessThanOrEqual(1)
  expect(memory?.usedBytes).toBeGreaterThan(10_000_000)
  expect(memory?.totalBytes).toBeGreaterThan(memory?.usedBytes ?? 0)
  expect(disk?.totalBytes).toBeGreaterThanOrEqual(disk?.freeBytes ?? Number.POSITIVE_INFINITY)
  expect(eventLoopDelayMs).toBeGreaterThanOrEqual(0)
  expect(connections).toEqual({ total: 3, idle: 1, waiting: 2, max: 20, longestCheckout: null })
})

test('what a platform can not tell is null, and its connections may still be known', async () => {
  const nothing = { cpuShare: null, memory: null, disk: null, eventLoopDelayMs: null }
  expect(await unseenMachine().read()).toEqual({ ...nothing, pool: null })
  expect(await unseenMachine(() => poolReading(pool)).read()).toMatchObject({ ...nothing, pool: { waiting: 2 } })
})

test('bytes of the network are those of all devices but the loopback', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999 10 0 0 0 0 0 0 9999 10 0 0 0 0 0 0
  eth0:1500 20 0 0 0 0 0 0 700 9 0 0 0 0 0 0
  eth1: 500 2 0 0 0 0 0 0 300 4 0 0 0 0 0 0
`
  expect(networkBytesIn(text)).toEqual({ received: 2000, sent: 1000 })
})
