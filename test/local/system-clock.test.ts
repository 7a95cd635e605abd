import { expect, test } from 'vitest'
import { systemClock } from '../../local/drivers/system-clock.ts'
import { systemRandom } from '../../local/drivers/system-random.ts'
import { clockContract } from '../contracts/clock-contract.ts'
import { manualClock } from '../support/manual-clock.ts'

clockContract('system', () => ({ clock: systemClock(), pass: async () => undefined }))
clockContract('manual', () => {
  const clock = manualClock()
  return { clock, pass: clock.advance }
})

test('the system clock has the zone that it is given', () => {
  expect(systemClock('Asia/Shanghai').timeZone).toBe('Asia/Shanghai')
})

test('the manual clock wakes sleepers in the order in which they fall due', async () => {
  const clock = manualClock()
  const woken: string[] = []
  const start = clock.now().getTime()
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms)
    woken.push(`${name} ${clock.now().getTime() - start}`)
  }
  void sleep('late', 200)
  void sleep('early', 100).then(() => sleep('chained', 50))
  await clock.advance(199)
  expect(woken).toEqual(['early 100', 'chained 150'])
  await clock.advance(1)
  expect(woken).toEqual(['early 100', 'chained 150', 'late 200'])
})

test('system chance is uniform in [0, 1)', () => {
  const draws = Array.from({ length: 2_000 }, systemRandom)
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
  expect(new Set(draws).size).toBe(2_000)
  const tenths = new Set(draws.map((draw) => Math.floor(draw * 10)))
  expect(tenths.size).toBe(10)
})
