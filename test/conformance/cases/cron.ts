import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Case, casesOf } from '../suite/case.ts'
import type { Kit } from '../suite/kit.ts'

const EVERY_MINUTE = '* * * * *'

/** What a clock calls. */
export const cron: readonly Case[] = [
  ...casesOf(
    'cron',
    [
      'calls what is due at an expression',
      async (t) => {
        const before = (await t.deliveries('tick')).length
        await t.target.fire(EVERY_MINUTE)
        ok((await t.deliveries('tick')).length > before)
      },
    ],
    [
      'takes the same minute fired twice at once without harm',
      async (t) => {
        const { id } = await t.job('sample')
        const before = (await t.call('GET', `/api/v0/data_pipeline/tasks/${id}`)).body
        await Promise.all([t.target.fire(EVERY_MINUTE), t.target.fire(EVERY_MINUTE)])
        deepEqual((await t.call('GET', `/api/v0/data_pipeline/tasks/${id}`)).body, before)
        deepEqual(failuresOf(t, 'sweep-zombies'), [])
      },
    ],
    [
      'does nothing at an expression that nobody has',
      async (t) => {
        const before = eventsOf(t).length
        await t.target.fire('17 3 29 2 *')
        equal(
          eventsOf(t)
            .slice(before)
            .filter(({ event }) => event === 'cron.failed').length,
          0,
        )
      },
    ],
  ),
  {
    subject: 'cron',
    name: 'reports a function that fails, and still calls the others of that minute',
    last: true,
    async run(t) {
      await t.call('PUT', '/conformance/tick/yes', {})
      try {
        const before = eventsOf(t).length
        await t.target.fire(EVERY_MINUTE).catch(() => undefined) // an invocation that failed may be told so
        const since = await t.until('the report', async () => {
          const events = eventsOf(t).slice(before)
          return events.some((one) => one.event === 'cron.failed' && one.function === 'conformance-tick') && events
        })
        ok(since.some((one) => one.event === 'cron.fired' && one.function === 'sweep-zombies'))
        deepEqual(failuresOf(t, 'sweep-zombies'), [])
      } finally {
        await t.call('PUT', '/conformance/tick/no', {})
      }
    },
  },
]

interface Event {
  readonly event: string
  readonly function?: string
}

/** The log lines of all processes so far. */
function eventsOf(t: Kit): Event[] {
  return t.target
    .output()
    .split('\n')
    .flatMap((line) => {
      const from = line.indexOf('{"time"') // a runtime may write something before it
      if (from === -1) return []
      try {
        return [JSON.parse(line.slice(from)) as Event]
      } catch {
        return []
      }
    })
}

function failuresOf(t: Kit, name: string): Event[] {
  return eventsOf(t).filter((one) => one.event === 'cron.failed' && one.function === name)
}
