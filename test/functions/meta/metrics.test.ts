import { expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { sampleMachine } from '../../../shared/ops/metrics/machine-samples.ts'
import { flushRequests } from '../../../shared/platform/flush-requests.ts'
import type { Machine } from '../../../shared/platform/machine.ts'
import { checkExposition } from '../../support/check-exposition.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'
import { testPlatform } from '../../support/test-platform.ts'

const kit = functionKit()
const app = createApp(FUNCTIONS)
const machine: Machine = {
  read: async () => ({
    cpuShare: 0.25,
    memory: { usedBytes: 4e9, totalBytes: 8e9 },
    disk: { freeBytes: 1e9, totalBytes: 1e10 },
    eventLoopDelayMs: 12,
    pool: { total: 5, idle: 4, waiting: 0, max: 20, longestCheckout: null },
  }),
}

async function exposed() {
  const answer = await kit.send('GET', '/metrics')
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return checkExposition(await answer.text())
}

test('the metrics are valid text of Prometheus, for an empty store and for one with work in it', async () => {
  expect((await exposed()).length).toBeGreaterThan(30)
  const now = kit.platform.clock.now()
  await insertTask(kit.platform.store, { status: 'completed', completedAt: now, dbName: 'a "b"\\c' })
  await insertExecution(kit.platform.store, { status: 'completed', completedAt: now, startedAt: now })
  await kit.send('GET', '/api/v1/none')
  await flushRequests(kit.platform)
  const series = await exposed()
  const value = (name: string, labels: object) =>
    series.find((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))?.value
  expect(value('helix_tasks', { status: 'completed' })).toBe(1)
  expect(value('helix_steps', { step: 'ddl_generation', status: 'completed' })).toBe(1)
  expect(value('http_requests_total', { route: 'other', method: 'GET', status: '4xx' })).toBe(1)
})

test('eight instances are counted as one, each with the figures of its own machine, and counters never fall', async () => {
  const { store, clock } = kit.platform
  const instances = await Promise.all(
    Array.from({ length: 8 }, (_, number) => testPlatform({ store, clock, machine, workerId: `host${number}:abc` })),
  )
  let before = 0
  for (let minute = 1; minute <= 3; minute++) {
    for (const platform of instances) {
      for (let request = 0; request < 5; request++) await app.request('/api/v1/health/live', {}, { platform })
    }
    await Promise.all(instances.flatMap((platform) => [flushRequests(platform), sampleMachine(platform)]))
    const series = await exposed()
    const live = series.filter(({ labels }) => labels.route === '/api/v1/health/live')
    const total = live.find(({ name }) => name === 'http_requests_total')?.value ?? 0
    expect(total).toBe(before + 40)
    expect(live.find(({ name }) => name === 'http_request_seconds_count')?.value).toBe(total)
    before = total
    const hosts = series.filter(({ name }) => name === 'helix_cpu_share').map(({ labels }) => labels.instance)
    expect(hosts).toEqual(instances.map((_, number) => `host${number}`))
    await clock.advance(60_000)
  }
  const rows = await store.query(
    "select count(*) from metric_samples where metric = 'http_request_seconds' and labels ->> 'route' like '%/live'",
  )
  expect(rows.rows).toEqual([{ count: 3 }]) // what eight answered in a minute is one row
  await clock.advance(10 * 60_000)
  expect((await exposed()).some(({ name }) => name === 'helix_cpu_share')).toBe(false)
  await Promise.all(instances.map((platform) => platform[Symbol.asyncDispose]()))
})

test('what could not be written is written the next time', async () => {
  const { requests, store } = kit.platform
  requests.take()
  await kit.send('GET', '/api/v1/health/live')
  const down = { ...store, query: () => Promise.reject(new Error('gone')) }
  await expect(flushRequests({ ...kit.platform, store: down })).rejects.toThrow('gone')
  expect(await flushRequests(kit.platform)).toBe(1)
  expect(await flushRequests(kit.platform)).toBe(0)
})

test('a chart gets its points by step, of requests and of each machine', async () => {
  const { store, clock, requests } = kit.platform
  requests.take()
  const host = await testPlatform({ store, clock, machine, workerId: 'host:1' })
  for (let minute = 0; minute < 4; minute++) {
    await sampleMachine(host)
    for (let request = 0; request <= minute; request++) await kit.send('GET', '/api/v1/health/live')
    await flushRequests(kit.platform)
    await clock.advance(60_000)
  }
  const read = async (query: string) =>
    (
      await kit.read<{ data: { series: { instance: string; points: { value: number }[] }[] } }>(
        `/api/v1/metrics/samples?${query}`,
      )
    ).data.series
  expect(await read('metric=cpu_share')).toMatchObject([{ instance: 'host', points: Array(4).fill({ value: 0.25 }) }])
  const [all] = await read('metric=http_requests&step=3600')
  expect(all?.points.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(10)
  const refused = await kit.send('GET', '/api/v1/metrics/samples?metric=cpu_share&from=2025-06-20T14:30:52Z')
  expect(await refused.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: 'step' }] })
  await host[Symbol.asyncDispose]()
})
