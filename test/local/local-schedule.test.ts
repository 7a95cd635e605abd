import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { localSchedule } from '../../local/drivers/local-schedule.ts'
import type { FunctionEnv, Platform } from '../../shared/platform/platform.ts'
import { scheduleContract } from '../contracts/schedule-contract.ts'

const events: string[] = []
const platform = { log: (event: string) => events.push(event) } as unknown as Platform

scheduleContract('local', (functions) => localSchedule({ functions, platform }))

describe('localSchedule', () => {
  beforeEach(() => {
    events.length = 0
    vi.useFakeTimers({ now: Date.parse('2025-06-27T02:59:30Z') })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('fires by its expression in UTC, and no more when it has been stopped', async () => {
    let ticks = 0
    const app = new Hono<FunctionEnv>().post('/scheduled/clean-tasks', (c) => c.json({ ticks: ++ticks }))
    const schedule = localSchedule({ functions: [{ name: 'clean-tasks', cron: '0 3 * * *', app }], platform })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(ticks).toBe(0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(ticks).toBe(1)
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(ticks).toBe(2)
    await schedule.stop()
    await vi.advanceTimersByTimeAsync(48 * 3_600_000)
    expect(ticks).toBe(2)
  })

  test('misses ticks while the last one is still running, and waits for it when stopping', async () => {
    let begun = 0
    let finish: () => void = () => undefined
    const app = new Hono<FunctionEnv>().post('*', async (c) => {
      begun++
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return c.json({})
    })
    const schedule = localSchedule({ functions: [{ name: 'sweep-zombies', cron: '* * * * *', app }], platform })
    await vi.advanceTimersByTimeAsync(5 * 60_000)
    expect(begun).toBe(1)
    expect(await schedule.fire('sweep-zombies')).toBeNull()
    let stopped = false
    const stopping = schedule.stop().then(() => {
      stopped = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stopped).toBe(false)
    finish()
    await stopping
  })

  test('logs a failing tick', async () => {
    const app = new Hono<FunctionEnv>().post('*', (c) => c.json({}, 503))
    const schedule = localSchedule({ functions: [{ name: 'check-health', cron: '0 3 * * *', app }], platform })
    await schedule.fire('check-health')
    await schedule.stop()
    expect(events).toEqual(['cron.fired', 'cron.failed'])
  })
})
