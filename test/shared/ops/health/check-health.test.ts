import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listAlerts } from '../../../../shared/ops/alerts/alerts.ts'
import { checkHealth } from '../../../../shared/ops/health/check-health.ts'
import { componentStates, saveReadings } from '../../../../shared/ops/health/component-state.ts'
import type { HealthStatus } from '../../../../shared/ops/health/components.ts'
import { overallOf, systemHealth } from '../../../../shared/ops/health/system-health.ts'
import { Problem } from '../../../../shared/platform/problems.ts'
import type { Store } from '../../../../shared/platform/store.ts'
import { type AlertReceiver, openAlertReceiver } from '../../../support/alert-receiver.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { type ManualClock, manualClock } from '../../../support/manual-clock.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let receiver: AlertReceiver
beforeAll(async () => {
  receiver = await openAlertReceiver()
})
afterAll(() => receiver[Symbol.asyncDispose]())
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer(200)
})
const events = () => receiver.received.map(({ headers }) => headers['x-helix-event'])
const open = (clock: ManualClock = manualClock(), env: Record<string, string> = {}) =>
  kit.open({ clock, env: { HELIX_ALERT_WEBHOOK_URL: `${receiver.url}/hook`, ...env } })

const gone = () => Promise.reject(new Problem('store_unavailable', 'The store does not answer'))
/** The platform as it is while its store is gone. */
function withoutStore(platform: TestPlatform): TestPlatform {
  const store: Store = { ...platform.store, query: gone, transaction: gone, together: gone }
  return { ...platform, store: { ...store, url: null } }
}

/** Checks without a store: its pauses pass by themselves. @returns how long it took by the clock */
async function checkWithout(platform: TestPlatform): Promise<{ sent: number; ms: number }> {
  const before = platform.clock.now().getTime()
  const checked = checkHealth(withoutStore(platform))
  for (let pause = 0; pause < 3; pause++) await platform.clock.advance(2_000)
  return { sent: (await checked).sent, ms: platform.clock.now().getTime() - before }
}

describe('a store that does not answer', () => {
  test('is told within seconds by one of eight processes, once, and its end as well', async () => {
    const clock = manualClock()
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => open(clock)))
    if (first === undefined) throw new Error('There are eight')
    const runners = [first, ...others.map((runner) => ({ ...runner, files: first.files }))] // they share a bucket
    for (let minute = 0; minute < 10; minute++) {
      for (const runner of runners) expect((await checkWithout(runner)).ms).toBeLessThan(60_000)
      await clock.advance(12_000)
    }
    expect(events()).toEqual(['alerts.firing'])
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toMatchObject({
      severity: 'P0',
      alerts: [{ rule: 'store_unreachable' }],
    })
    for (const runner of runners) await checkHealth(runner)
    await clock.advance(60_000)
    for (const runner of runners) await checkHealth(runner)
    expect(events()).toEqual(['alerts.firing', 'alerts.resolved'])
    const { alerts } = await listAlerts(first.store, undefined, 10, null)
    expect(alerts).toMatchObject([{ rule: 'store_unreachable', status: 'resolved', severity: 'P0' }])
  })

  test('is told once by a process that has no files either, and its end when both are back', async () => {
    const platform = await open()
    const broken = { ...platform.files, put: gone, head: gone, get: gone }
    for (let minute = 0; minute < 3; minute++) await checkWithout({ ...platform, files: broken })
    expect(events()).toEqual(['alerts.firing'])
    await checkHealth(platform)
    expect(events()).toEqual(['alerts.firing', 'alerts.resolved'])
  })

  test('is told again by the next check to a receiver that did not answer', async () => {
    const platform = await open()
    receiver.answer(503)
    expect((await checkWithout(platform)).sent).toBe(0)
    receiver.answer(200)
    await platform.clock.advance(60_000)
    expect((await checkWithout(platform)).sent).toBe(1)
    const [one, other] = receiver.received.map(({ headers }) => headers['idempotency-key'])
    expect(one).toBe(other)
  })

  test('is not told again before the time for which a receiver asked to be left alone', async () => {
    const platform = await open()
    receiver.answer(429, '', { 'retry-after': '150' })
    await checkWithout(platform)
    receiver.answer(200)
    for (let minute = 0; minute < 2; minute++) {
      await platform.clock.advance(60_000)
      expect((await checkWithout(platform)).sent).toBe(0)
    }
    await platform.clock.advance(60_000)
    expect((await checkWithout(platform)).sent).toBe(1)
    expect(receiver.received).toHaveLength(2)
  })
})

describe('a component', () => {
  test('changes its status only after two looks in a row that agree', async () => {
    const platform = await open()
    const looks: HealthStatus[] = [
      'healthy',
      'unhealthy',
      'healthy',
      'unhealthy',
      'healthy',
      'unhealthy',
      'unhealthy',
      'healthy',
    ]
    const told: (HealthStatus | undefined)[] = []
    for (const status of looks) {
      const reason = status === 'healthy' ? null : { zh: '没有响应', en: 'no answer' }
      await saveReadings(platform.store, [{ component: 'files', status, reason }], platform.clock.now())
      told.push((await componentStates(platform.store))[0]?.status)
      await platform.clock.advance(60_000)
    }
    expect(told).toEqual(['healthy', 'healthy', 'healthy', 'healthy', 'healthy', 'healthy', 'unhealthy', 'unhealthy'])
  })

  test('is not looked at twice in one tick, however many runners there are', async () => {
    const platform = await open()
    const reading = { component: 'files', status: 'unhealthy', reason: null } as const
    await saveReadings(platform.store, [{ ...reading, status: 'healthy' }], platform.clock.now())
    await platform.clock.advance(60_000)
    for (let runner = 0; runner < 8; runner++) {
      await saveReadings(platform.store, [reading], platform.clock.now())
      await platform.clock.advance(100)
    }
    expect((await componentStates(platform.store))[0]?.status).toBe('healthy')
  })

  test('that is not vital degrades the whole, and one that is makes it unhealthy', () => {
    expect(overallOf({})).toBe('healthy')
    expect(overallOf({ llm: 'unhealthy' })).toBe('degraded')
    expect(overallOf({ files: 'unhealthy' })).toBe('unhealthy')
    expect(overallOf({}, [{ severity: 'P1', status: 'firing' }])).toBe('degraded')
    expect(overallOf({}, [{ severity: 'P2', status: 'firing' }])).toBe('healthy')
  })
})

test('a health that fails three times in a row is a P0 that leaves at once', async () => {
  const platform = await open()
  const broken = { ...platform, files: { ...platform.files, put: gone } }
  const raised: number[] = []
  for (let minute = 0; minute < 3; minute++) {
    const { sent, status } = await checkHealth(broken)
    expect(status).toBe('unhealthy')
    raised.push(sent)
    await platform.clock.advance(60_000)
  }
  expect(raised).toEqual([0, 0, 1])
  expect((await listAlerts(platform.store, 'firing', 10, null)).alerts).toMatchObject([
    {
      rule: 'health_failing',
      severity: 'P0',
      responseMinutes: 5,
      message: { zh: expect.stringContaining('健康检查失败') },
    },
  ])
  expect((await systemHealth(platform)).overall).toBe('unhealthy')
  await checkHealth(platform)
  expect(events()).toEqual(['alerts.firing', 'alerts.resolved'])
})

test('whoever watches from outside hears of Helix each minute, and nothing while its store is gone', async () => {
  const platform = await open(manualClock(), { HELIX_HEARTBEAT_URL: `${receiver.url}/heartbeat/t0ken` })
  expect(await checkHealth(platform)).toMatchObject({ heartbeat: true, status: 'healthy' })
  await checkWithout(platform)
  expect(receiver.received.filter(({ path }) => path === '/heartbeat/t0ken')).toHaveLength(1)
  receiver.answer(404)
  await platform.clock.advance(60_000)
  expect(await checkHealth(platform)).toMatchObject({ heartbeat: false })
  expect(JSON.stringify(platform.logged)).not.toContain('t0ken')
})
