import { equal } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'

/** Work that outlives the answer. */
export const background = casesOf('background', [
  'finishes work that goes on after its answer',
  async (t) => {
    const probe = t.name('deferred')
    equal((await t.call('POST', `/conformance/defer/${probe}`, {})).status, 202)
    await t.until('the work', async () => (await t.deliveries(probe)).length === 1)
  },
])
