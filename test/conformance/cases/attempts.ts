import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { findLetter, letterOf } from './outcomes.ts'

const DELIVERIES_MAX = 5
const LATER = { status: 503, retryAfter: 1 }

/** How often a message is tried, and what is left of it. */
export const attempts = casesOf(
  'attempts',
  [
    'delivers a failing message five times, then keeps it with reason, count and time',
    async (t) => {
      const startedAt = Date.now()
      const probe = await t.play([500])
      const letter = await letterOf(t, probe)
      equal((await t.deliveries(probe)).length, DELIVERIES_MAX)
      deepEqual(letter.message, {
        function: 'conformance-probe',
        body: { execution_id: probe, claim: 1, script: [500] },
      })
      match(letter.reason, /HTTP 500/)
      ok(letter.deliveries >= DELIVERIES_MAX) // being told "later" counts on some platforms
      const at = new Date(letter.at).getTime()
      ok(at >= startedAt - 1_000 && at <= Date.now() + 1_000, `died at ${String(letter.at)}`)
    },
  ],
  [
    'keeps what was thrown as the reason',
    async (t) => {
      const probe = await t.play(['throw'])
      match((await letterOf(t, probe)).reason, /throws/)
    },
  ],
  [
    'waits between failures, and forgets a message that got through at last',
    async (t) => {
      const probe = await t.play([500, 'throw', 503, 500, 200])
      await t.until('five deliveries', async () => (await t.deliveries(probe)).length >= DELIVERIES_MAX)
      await t.quiet(3)
      const times = (await t.deliveries(probe)).map(({ at }) => new Date(at).getTime())
      equal(times.length, DELIVERIES_MAX)
      deepEqual(times, times.toSorted())
      equal(await findLetter(t, probe), undefined)
    },
  ],
  [
    'never buries a message for being told "later" only',
    async (t) => {
      const later = Array.from({ length: DELIVERIES_MAX + 1 }, () => LATER)
      const probe = await t.play([...later, 200])
      await t.until('the last delivery', async () => (await t.deliveries(probe)).length === later.length + 1)
      await t.quiet(2)
      equal(await findLetter(t, probe), undefined)
    },
  ],
  [
    'counts failures only: "later" is free',
    ['free-later'],
    async (t) => {
      const later = Array.from({ length: DELIVERIES_MAX }, () => LATER)
      const probe = await t.play([...later, 500, 200])
      await t.until('the last delivery', async () => (await t.deliveries(probe)).length === later.length + 2)
      await t.quiet(2)
      equal(await findLetter(t, probe), undefined)
    },
  ],
)
