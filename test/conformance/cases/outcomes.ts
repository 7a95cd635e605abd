import { equal, match, ok } from 'node:assert/strict'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import { type Case, casesOf } from '../suite/case.ts'
import type { Kit } from '../suite/kit.ts'

const QUIET_SECONDS = 4 // longer than the first backoff of any platform

/** A row of the table: what a step answers, and its message's fate. */
type Row = readonly [name: string, script: readonly unknown[], deliveries: number, reason: RegExp | null]

const ROWS: readonly Row[] = [
  ['acknowledges a 200', [200], 1, null],
  ['acknowledges a 204', [204], 1, null],
  ['acknowledges a 409: another worker owns the work', [409], 1, null],
  ['delivers again after a 429 with Retry-After', [{ status: 429, retryAfter: 1 }, 200], 2, null],
  ['delivers again after a 503 with Retry-After', [{ status: 503, retryAfter: 1 }, 200], 2, null],
  ['buries a 400 with its reason', [400], 1, /HTTP 400/],
  ['buries a 422 with its reason', [422], 1, /HTTP 422/],
  ['delivers again after a 500', [500, 200], 2, null],
  ['delivers again after a 503 that says no time', [503, 200], 2, null],
  ['delivers again after a throw', ['throw', 200], 2, null],
]

/** Every row of the outcome table. */
export const outcomes: readonly Case[] = [
  ...casesOf(
    'outcomes',
    ...ROWS.map(
      ([name, script, deliveries, reason]) =>
        [name, async (t: Kit) => await playRow(t, script, deliveries, reason)] as const,
    ),
  ),
  ...casesOf(
    'outcomes',
    [
      'buries a message for a function that there is not',
      async (t) => {
        const execution_id = t.name('nobody')
        await t.send([{ message: { function: 'no-such-function', body: { execution_id, claim: 1 } } }])
        const letter = await letterOf(t, execution_id)
        ok(letter.reason.length > 0)
      },
    ],
    [
      'buries a message that a step can not read',
      async (t) => {
        const execution_id = t.name('unreadable')
        await t.send([{ message: { function: 'qa-generation', body: { execution_id, claim: 'first' } } }])
        match((await letterOf(t, execution_id)).reason, /HTTP 4\d\d/)
      },
    ],
    [
      'refuses or buries what is no message, and goes on',
      async (t) => {
        const marker = t.name('garbage')
        const { sent, refused } = await t.send([{ message: { garbage: marker } }])
        if (sent === 1) ok((await letterOf(t, marker)).reason.length > 0)
        else equal(refused.length, 1)
        await playRow(t, [200], 1, null)
      },
    ],
  ),
]

async function playRow(t: Kit, script: readonly unknown[], wanted: number, reason: RegExp | null): Promise<void> {
  const probe = await t.play(script)
  await t.until(`${wanted} deliveries`, async () => (await t.deliveries(probe)).length >= wanted)
  if (reason !== null) match((await letterOf(t, probe)).reason, reason)
  await t.quiet(QUIET_SECONDS)
  equal((await t.deliveries(probe)).length, wanted, 'deliveries after a while')
  if (reason === null) equal(await findLetter(t, probe), undefined, 'no dead letter')
}

/** Waits for the dead letter whose message names this. */
export async function letterOf(t: Kit, name: string): Promise<DeadLetter> {
  return await t.until(`the dead letter of ${name}`, () => findLetter(t, name))
}

/** The dead letter whose message names this, if there is one by now. */
export async function findLetter(t: Kit, name: string): Promise<DeadLetter | undefined> {
  return (await t.target.deadLetters()).find(({ message }) => JSON.stringify(message).includes(`"${name}"`))
}
