import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import type { Kit } from '../suite/kit.ts'
import { letterOf } from './outcomes.ts'

const MESSAGES = 10
const POISON = 4
const FAILING = 7

/** Several messages at once, each with a fate of its own. */
export const batches = casesOf(
  'batches',
  [
    'decides message by message: one dies, one is tried again, the others are done once',
    async (t) => {
      const probe = await sendBatch(t)
      await t.until('all deliveries', async () => (await t.deliveries(probe)).length >= MESSAGES + 1)
      const letter = await letterOf(t, probe)
      match(letter.reason, /HTTP 422/)
      equal((letter.message as { body: { claim: number } }).body.claim, POISON)
      await t.quiet(3)
      const claims = (await t.deliveries(probe)).map(({ claim }) => claim).toSorted((a, b) => a - b)
      const wanted = Array.from({ length: MESSAGES }, (_, n) => (n + 1 === FAILING ? [n + 1, n + 1] : [n + 1]))
      deepEqual(claims, wanted.flat())
      const letters = (await t.target.deadLetters()).filter(({ message }) => JSON.stringify(message).includes(probe))
      equal(letters.length, 1)
    },
  ],
  [
    'hands several messages to one invocation',
    ['shared-batches'],
    async (t) => {
      const probe = await sendBatch(t)
      await t.until('all deliveries', async () => (await t.deliveries(probe)).length >= MESSAGES + 1)
      const workers = (await t.deliveries(probe)).map(({ worker }) => worker)
      ok(new Set(workers).size < workers.length, 'each message had an invocation of its own')
    },
  ],
)

async function sendBatch(t: Kit): Promise<string> {
  const execution_id = t.name('batch')
  const scriptOf = (claim: number) => (claim === POISON ? [422] : claim === FAILING ? [500, 200] : [200])
  const messages = Array.from({ length: MESSAGES }, (_, n) => ({
    message: { function: 'conformance-probe', body: { execution_id, claim: n + 1, script: scriptOf(n + 1) } },
  }))
  equal((await t.send(messages)).sent, MESSAGES)
  return execution_id
}
