import { expect, test } from 'vitest'
import { metered, subrequestMeter } from '../../../shared/platform/cloudflare-subrequests.ts'

test('tells an invocation to stop before its subrequests are used up', () => {
  const meter = subrequestMeter(10)
  for (let used = 1; used <= 8; used++) meter.count()
  expect(meter.stopping.aborted).toBe(false)
  meter.count()
  expect(meter.stopping.aborted).toBe(true)
})

test('counts each call of a binding, and calls it as itself', async () => {
  class Bucket {
    readonly #keys = ['a']
    readonly name = 'files'
    async list() {
      return this.#keys
    }
  }
  let calls = 0
  const bucket = metered(new Bucket(), { count: () => calls++ })
  expect([bucket.name, await bucket.list(), await bucket.list()]).toEqual(['files', ['a'], ['a']])
  expect(calls).toBe(2)
})
