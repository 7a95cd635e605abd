import { deepEqual, equal, match } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import type { Kit } from '../suite/kit.ts'

/** What the store promises, from within a function. */
export const store = casesOf(
  'store',
  [
    'commits what a transaction did',
    async (t) => {
      deepEqual(await run(t, 'commit'), { answer: 'done', value: 'kept' })
    },
  ],
  [
    'takes back what a failed transaction did, and passes the error on',
    async (t) => {
      deepEqual(await run(t, 'rollback'), { thrown: 'the work failed', value: null })
    },
  ],
  [
    'reports no commit when a statement had failed and the work went on',
    async (t) => {
      const { thrown, value } = await run(t, 'swallowed')
      match(thrown, /not committed/)
      equal(value, null)
    },
  ],
  [
    'keeps transactions apart, within one invocation and among several',
    async (t) => {
      const name = t.name('sum')
      const answers = await Promise.all(Array.from({ length: 4 }, () => run(t, 'adders', name)))
      const values = answers.map(({ value }) => Number(value))
      equal(Math.max(...values), 4 * answers[0].adders)
    },
  ],
  [
    'reads its own writes within a transaction',
    async (t) => {
      deepEqual(await run(t, 'unseen'), { inside: 'inside' })
    },
  ],
  [
    'reads and writes numbers, times, arrays and JSON as every driver does',
    async (t) => {
      deepEqual(await run(t, 'types'), {
        big: 9_007_199_254_740_991,
        bigs: [1, 2],
        counted: 1,
        at: '2025-06-27T06:30:52.000Z',
        day: '2025-06-27',
        parsed: { a: [1, null] },
        plain: [true],
        money: '1.50',
        missing: null,
        names: ['a', 'b,"c"', '高速'],
        given: '2025-06-27T06:30:52.123Z',
        large: 2 ** 40,
        kinds: { at: true, given: true },
      })
    },
  ],
  [
    'goes on after statements that the database refuses',
    async (t) => {
      deepEqual(await run(t, 'refused'), { codes: Array.from({ length: 8 }, () => '42P01'), one: 1 })
    },
  ],
)

async function run(t: Kit, script: string, name = t.name(script)) {
  const { status, body } = await t.call('POST', `/conformance/store/${script}/${name}`, {})
  equal(status, 200, JSON.stringify(body))
  return body
}
