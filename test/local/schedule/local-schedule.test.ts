import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { adjustableClock } from '../../../local/clock/adjustable-clock.ts'
import { standingClock } from '../../../local/clock/standing-clock.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { replayedFaults } from '../../../local/faults/faults.ts'
import { localSchedule } from '../../../local/schedule/local-schedule.ts'
import type { FunctionEnv, Platform } from '../../../shared/platform/platform.ts'
import { scheduleContract } from '../../contracts/schedule-contract.ts'

const events: string[] = []
const clock = adjustableClock(systemClock('UTC'))
const platform = { clock, log: (event: string) => events.push(event) } as unknown as Platform

scheduleContract('local', (functions) => localSchedule({ functions, platform, clock }))

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
    const schedule = localSchedule({ functions: [{ name: 'clean-tasks', cron: '0 3 * * *', app }], platform, clock })
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

  test('follows more functions than a signal usually has listeners, without a warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const app = new Hono<FunctionEnv>().post('*', (c) => c.json({}))
      const functions = Array.from({ length: 15 }, (_, number) => ({ name: `own-${number}`, cron: '0 3 * * *', app }))
      const schedule = localSchedule({ functions, platform, clock })
      vi.useRealTimers()
      await new Promise((resolve) => setImmediate(resolve)) // a warning is told in a later turn
      expect(warnings).toEqual([])
      await schedule.stop()
    } finally {
      process.off('warning', note)
    }
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
    const schedule = localSchedule({ functions: [{ name: 'sweep-zombies', cron: '* * * * *', app }], platform, clock })
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
    const schedule = localSchedule({ functions: [{ name: 'check-health', cron: '0 3 * * *', app }], platform, clock })
    await schedule.fire('check-health')
    await schedule.stop()
    expect(events).toEqual(['cron.fired', 'cron.failed'])
  })
})

describe('localSchedule under a clock that is sent ahead', () => {
  /** Virtual time: it passes only when somebody advances it. */
  const open = (expressions: Record<string, string>, faults = replayedFaults([])) => {
    const virtual = adjustableClock(standingClock(new Date('2025-06-27T02:59:30Z'), 'UTC'))
    const ticks: string[] = []
    const functions = Object.entries(expressions).map(([name, cron]) => {
      const app = new Hono<FunctionEnv>().post('*', async (c) => {
        await new Promise((done) => setImmediate(done))
        ticks.push(`${name} ${c.env.platform.clock.now().toISOString().slice(0, 19)}`)
        return c.json({ seen: ticks.length })
      })
      return { name, cron, app }
    })
    const world = { clock: virtual, log: () => undefined } as unknown as Platform
    return { schedule: localSchedule({ functions, platform: world, clock: virtual, faults }), clock: virtual, ticks }
  }

  test('fires what falls due in between, once each, in order, at its own time', async () => {
    const { schedule, clock: virtual, ticks } = open({ often: '*/30 * * * *', daily: '15 3 * * *' })
    await virtual.advance(3_600_000)
    expect(ticks).toEqual(['often 2025-06-27T03:00:00', 'daily 2025-06-27T03:15:00', 'often 2025-06-27T03:30:00'])
    await virtual.advance(0)
    await virtual.advance(29_000)
    expect(ticks).toHaveLength(3)
    await virtual.advance(1_000)
    expect(ticks.at(-1)).toBe('often 2025-06-27T04:00:00')
    await schedule.stop()
  })

  test('goes through three months, every day of them, with no more ticks than anybody can wait for', async () => {
    const { schedule, clock: virtual, ticks } = open({ minutely: '* * * * *', daily: '0 3 * * *' })
    await virtual.advance(90 * 86_400_000)
    expect(schedule.ticks().daily).toBe(90)
    expect(schedule.ticks().minutely).toBeGreaterThan(1_400)
    expect(schedule.ticks().minutely).toBeLessThanOrEqual(1_501)
    expect(ticks.map((tick) => tick.split(' ')[1])).toEqual(ticks.map((tick) => tick.split(' ')[1]).toSorted())
    expect(virtual.now().toISOString()).toBe('2025-09-25T02:59:30.000Z')
    await schedule.stop()
  })

  test('misses and doubles ticks where faults say so', async () => {
    const faults = replayedFaults([
      { number: 1, point: 'cron.tick', fault: 'drop' },
      { number: 3, point: 'cron.tick', fault: 'duplicate' },
    ])
    const { schedule, clock: virtual, ticks } = open({ minutely: '* * * * *' }, faults)
    await virtual.advance(180_000)
    expect(ticks.map((tick) => tick.slice(-8))).toEqual(['03:01:00', '03:02:00', '03:02:00'])
    await schedule.stop()
  })

  test('lets a function see the time that it is fired for, and tells what came of it', async () => {
    const { schedule, ticks } = open({ monthly: '0 3 1 * *' })
    expect(schedule.list()).toEqual([
      {
        name: 'monthly',
        cron: '0 3 1 * *',
        next: ['2025-07-01', '2025-08-01', '2025-09-01'].map((day) => new Date(`${day}T03:00:00Z`)),
        last: null,
      },
    ])
    await schedule.fire('monthly', new Date('2030-01-01T03:00:00Z'))
    expect(ticks).toEqual(['monthly 2030-01-01T03:00:00'])
    expect(schedule.list()[0]?.last).toEqual({ at: new Date('2030-01-01T03:00:00Z'), status: 200, answer: { seen: 1 } })
    await schedule.stop()
  })
})
