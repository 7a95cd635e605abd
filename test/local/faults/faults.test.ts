import { describe, expect, test } from 'vitest'
import { replayedFaults, type StruckFault, seededFaults } from '../../../local/faults/faults.ts'
import { chooseFaults, type FaultPoint } from '../../../local/faults/points.ts'
import { NO_FAULTS } from '../../../shared/platform/fault-settings.ts'

const WILD = {
  seed: 42,
  drop: 0.2,
  duplicate: 0.2,
  reorder: 0.2,
  delay: { minMs: 0, maxMs: 2_000 },
  crash: 0.3,
  store: 0.3,
  files: 0.3,
  skewMs: 30_000,
}

describe('seededFaults', () => {
  test('decides by the seed, the point and the number alone', () => {
    const [alone, disturbed] = [seededFaults(WILD), seededFaults(WILD)]
    const first = Array.from({ length: 50 }, () => alone.decide('queue.send'))
    const second = Array.from({ length: 50 }, () => {
      disturbed.decide('store.query')
      disturbed.invocation('x')
      return disturbed.decide('queue.send')
    })
    expect(second).toEqual(first)
    expect(seededFaults({ ...WILD, seed: 43 }).decide('store.query')).toEqual(
      chooseFaults({ ...WILD, seed: 43 }, 'store.query', 1),
    )
  })

  test.each<[FaultPoint, string, number]>([
    ['queue.send', 'drop', 0.2],
    ['queue.send', 'reorder', 0.2],
    ['store.query', 'cut-before', 0.15],
    ['store.transaction', 'cut-inside', 0.1],
    ['files.put', 'torn', 0.15],
    ['invocation', 'crash-after', 0.15],
  ])('lets %s see %s as often as asked', (point, fault, rate) => {
    const strikes = Array.from({ length: 4_000 }, (_, n) => chooseFaults(WILD, point, n + 1)).filter(
      (chosen) => fault in chosen,
    )
    expect(strikes.length / 4_000).toBeGreaterThan(rate - 0.03)
    expect(strikes.length / 4_000).toBeLessThan(rate + 0.03)
  })

  test('keeps delays and skews within their limits, spread over all of them', () => {
    const delays = Array.from({ length: 500 }, (_, n) => chooseFaults(WILD, 'queue.send', n + 1).delay ?? 0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(2_000)
    expect(new Set(delays.map((ms) => Math.floor(ms / 500))).size).toBeGreaterThanOrEqual(4)
    const skews = Array.from({ length: 500 }, (_, n) => chooseFaults(WILD, 'clock.skew', n + 1).skew ?? 0)
    expect(Math.min(...skews)).toBeGreaterThanOrEqual(-30_000)
    expect(Math.min(...skews)).toBeLessThan(-15_000)
    expect(Math.max(...skews)).toBeGreaterThan(15_000)
  })

  test('does nothing without settings, and keeps no more than it is to', () => {
    const calm = seededFaults(NO_FAULTS)
    for (let n = 0; n < 100; n++) calm.decide('queue.send')
    expect(calm.struck).toEqual([])
    const kept = seededFaults({ ...NO_FAULTS, drop: 1 }, { kept: 10 })
    for (let n = 0; n < 100; n++) kept.decide('queue.send')
    expect(kept.struck.map(({ number }) => number)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100])
  })

  test('decides by other settings once they are changed, while the numbers go on', () => {
    const faults = seededFaults(NO_FAULTS)
    faults.decide('queue.send')
    faults.change({ ...NO_FAULTS, drop: 1 })
    expect(faults.decide('queue.send')).toEqual({ drop: 0 })
    expect(faults.struck).toEqual([{ number: 2, point: 'queue.send', fault: 'drop' }])
    expect(faults.decisions()).toEqual({ 'queue.send': 2 })
  })
})

describe('replayedFaults', () => {
  test('strikes where the list says, and nowhere else', async () => {
    const POINTS: FaultPoint[] = ['queue.send', 'store.query', 'store.transaction', 'files.put', 'cron.tick']
    const live = async (faults: ReturnType<typeof seededFaults>) => {
      for (let n = 0; n < 40; n++) {
        for (const point of POINTS) faults.decide(point)
        const life = faults.invocation('work')
        for (let await_ = 0; await_ < 10 && !life.dead; await_++) {
          await Promise.race([life.around('store.query', async () => 1), new Promise((done) => setImmediate(done))])
        }
      }
      return faults.struck
    }
    const struck = await live(seededFaults(WILD))
    expect(new Set(struck.map(({ fault }) => fault)).size).toBe(11)
    expect(await live(replayedFaults(struck))).toEqual(struck)
    const half: StruckFault[] = struck.filter((_, index) => index % 2 === 0)
    expect(await live(replayedFaults(half))).toEqual(half)
  })
})
