import { describe, expect, test } from 'vitest'
import { adjustableClock } from '../../../local/clock/adjustable-clock.ts'
import { standingClock } from '../../../local/clock/standing-clock.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { clockContract } from '../../contracts/clock-contract.ts'
import { manualClock } from '../../support/manual-clock.ts'

const START = new Date('2025-06-27T06:30:52Z')
const virtual = () => adjustableClock(standingClock(START, 'Asia/Shanghai'))

clockContract('adjustable over the machine', () => {
  const clock = adjustableClock(systemClock())
  return { clock, pass: async () => undefined }
})
clockContract('adjustable that is sent ahead', () => {
  const clock = virtual()
  return { clock, pass: (ms) => clock.advance(ms) }
})
clockContract('adjustable over one that is moved by hand', () => {
  const base = manualClock()
  return { clock: adjustableClock(base), pass: base.advance }
})

describe('adjustableClock', () => {
  test('wakes a chain of short sleeps in a jump no more often than whoever sends it ahead wants', async () => {
    const clock = virtual()
    const stop = new AbortController()
    let wakes = 0
    const chain = async () => {
      for (; !stop.signal.aborted; wakes++) await clock.sleep(500, stop.signal)
    }
    void chain()
    await clock.advance(3_600_000, 12)
    expect(wakes).toBeGreaterThan(10)
    expect(wakes).toBeLessThan(16)
    stop.abort()
  })

  test('wakes sleepers in the order in which they fall due, each at its own time', async () => {
    const clock = virtual()
    const woken: string[] = []
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woken.push(`${name} ${clock.now().getTime() - START.getTime()}`)
    }
    void sleep('late', 200)
    void sleep('early', 100).then(() => sleep('chained', 50))
    await clock.advance(199)
    expect(woken).toEqual(['early 100', 'chained 150'])
    await clock.advance(1)
    expect(woken).toEqual(['early 100', 'chained 150', 'late 200'])
    expect([clock.offsetMs, clock.jump]).toEqual([200, null])
  })

  test('awaits what an alarm begins before time goes on, also what a jump finds under way', async () => {
    const clock = virtual()
    const { signal } = new AbortController()
    const told: string[] = []
    const ring = async () => {
      const before = clock.now().getTime()
      for (let turn = 0; turn < 50; turn++) await new Promise((done) => setImmediate(done))
      told.push(`alarm ${clock.now().getTime() - before}`)
    }
    void clock.alarm(new Date(START.getTime() + 1_000), ring, signal)
    void clock.sleep(1_001).then(() => told.push('sleeper'))
    await Promise.all([clock.advance(1_000), clock.advance(1_000)])
    expect(told).toEqual(['alarm 0', 'sleeper'])
  })

  test('rings no alarm whose signal has aborted', async () => {
    const clock = virtual()
    const controller = new AbortController()
    let rung = 0
    const alarm = clock.alarm(new Date(START.getTime() + 1_000), async () => void rung++, controller.signal)
    controller.abort()
    await alarm
    await clock.advance(2_000)
    expect(rung).toBe(0)
  })

  test('wakes a chain of short sleeps some thousand times in a long jump, and in full in a short one', async () => {
    const clock = virtual()
    let wakes = 0
    const chain = new AbortController()
    void (async () => {
      while (!chain.signal.aborted) {
        await clock.sleep(1_000, chain.signal)
        wakes += 1
      }
    })()
    await clock.advance(600_000)
    expect(wakes).toBe(600)
    await clock.advance(90 * 86_400_000)
    expect(wakes).toBeLessThan(600 + 2_002)
    chain.abort()
  })

  test('lets what sleeps wake by itself after a jump that did not reach it', async () => {
    const base = manualClock()
    const clock = adjustableClock(base)
    let awake = false
    void clock.sleep(1_000).then(() => {
      awake = true
    })
    await clock.advance(900)
    await base.advance(99)
    expect(awake).toBe(false)
    await base.advance(1)
    expect(awake).toBe(true)
  })

  test('does not turn back', async () => {
    await expect(virtual().advance(-1)).rejects.toThrow('forward only')
  })
})
