import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { TASKS } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

const CHUNKS = 5
const EVERY_MS = 400

/** Server-sent events. */
export const events = casesOf(
  'events',
  [
    'tells a task’s whole story as server-sent events, and ends with it',
    async (t) => {
      const { id } = await t.job('sample')
      const response = await t.fetch(`${TASKS}/${id}/events`)
      match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
      const told = eventsIn(await response.text())
      ok(told.some(({ event, data }) => event === 'task' && data.includes('"completed"')))
      ok(told.some(({ event }) => event === 'log'))
      equal(new Set(told.map(({ id: eventId }) => eventId)).size, told.length)
    },
  ],
  [
    'goes on after the Last-Event-ID, and says 204 when there is nothing more',
    async (t) => {
      const all = await follow(t)
      const middle = Math.floor(all.length / 2)
      deepEqual(await follow(t, all[middle]?.id), all.slice(middle + 1))
      const { id } = await t.job('sample')
      const over = await t.fetch(`${TASKS}/${id}/events`, { headers: { 'Last-Event-ID': all.at(-1)?.id ?? '' } })
      equal(over.status, 204)
    },
  ],
  [
    'brings a slow answer whole',
    async (t) => {
      const response = await t.fetch(`/conformance/slow?chunks=${CHUNKS}&everyMs=100`)
      equal((await response.text()).trim().split('\n\n').length, CHUNKS)
    },
  ],
  [
    'brings each event when it is told, not when the answer ends',
    ['streaming'],
    async (t) => {
      const response = await t.fetch(`/conformance/slow?chunks=${CHUNKS}&everyMs=${EVERY_MS}`)
      const times: number[] = []
      for await (const _ of response.body ?? []) times.push(Date.now())
      ok((times.at(-1) ?? 0) - (times[0] ?? 0) >= ((CHUNKS - 1) * EVERY_MS) / 2, `chunks at ${times.join(', ')}`)
    },
  ],
)

interface Told {
  readonly id: string
  readonly event: string
  readonly data: string
}

async function follow(t: Kit, lastId?: string): Promise<Told[]> {
  const { id } = await t.job('sample')
  const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
  return eventsIn(await (await t.fetch(`${TASKS}/${id}/events`, { headers })).text())
}

function eventsIn(text: string): Told[] {
  return text
    .split('\n\n')
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2))))
    .filter((fields) => fields.id !== undefined)
    .map(({ id, event, data }) => ({ id, event, data }))
}
