import { equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { letterOf } from './outcomes.ts'

const CLOCKS_APART_MS = 50

/** When a message comes, and what the queue refuses. */
export const delays = casesOf(
  'delays',
  [
    'delivers a delayed message not before its time',
    async (t) => {
      const sentAt = Date.now()
      const probe = await t.play([200], { delaySeconds: 4 })
      const [first] = await t.until('the delivery', async () => {
        const seen = await t.deliveries(probe)
        return seen.length > 0 && seen
      })
      const waited = new Date(first?.at ?? 0).getTime() - sentAt
      ok(waited >= 4_000 - CLOCKS_APART_MS, `came after ${waited} ms`)
    },
  ],
  [
    'delivers what is sent later but not delayed first',
    async (t) => {
      const delayed = await t.play([200], { delaySeconds: 10 })
      const prompt = await t.play([200])
      const timeOf = async (probe: string) => {
        const [first] = await t.until('a delivery', async () => {
          const seen = await t.deliveries(probe)
          return seen.length > 0 && seen
        })
        return new Date(first?.at ?? 0).getTime()
      }
      ok((await timeOf(prompt)) < (await timeOf(delayed)))
    },
  ],
  [
    'comes again not before the time that Retry-After says',
    async (t) => {
      const probe = await t.play([{ status: 429, retryAfter: 3 }, 200])
      await t.until('the second delivery', async () => (await t.deliveries(probe)).length === 2)
      const [first = 0, second = 0] = (await t.deliveries(probe)).map(({ at }) => new Date(at).getTime())
      ok(second - first >= 3_000 - CLOCKS_APART_MS, `came again after ${second - first} ms`)
    },
  ],
)

/** What a message may weigh, and how long it may wait. */
export const limits = casesOf(
  'limits',
  [
    'refuses a message over 120 KB, and names the platform that it would break on',
    async (t) => {
      const { sent, refused } = await t.send([{ message: messageOf(t.name('large'), 121_000) }])
      equal(sent, 0)
      match(refused[0]?.message ?? '', /Cloudflare/)
    },
  ],
  [
    'carries a message just below that, byte for byte',
    async (t) => {
      const name = t.name('heavy')
      const message = messageOf(name, 119_000, [422])
      equal((await t.send([{ message }])).sent, 1)
      equal(JSON.stringify((await letterOf(t, name)).message), JSON.stringify(message))
    },
  ],
  [
    'refuses a delay over 900 s or below none, and names the platform that it would break on',
    async (t) => {
      for (const delaySeconds of [901, -1]) {
        const { sent, refused } = await t.send([{ message: messageOf(t.name('late'), 100), delaySeconds }])
        equal(sent, 0)
        match(refused[0]?.message ?? '', /SQS/)
      }
    },
  ],
)

function messageOf(execution_id: string, bytes: number, script: readonly number[] = [200]) {
  return { function: 'conformance-probe', body: { execution_id, claim: 1, script, padding: '区'.repeat(bytes / 3) } }
}
