import * as z from 'zod'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import type { Message } from '../../../shared/platform/queue.ts'
import { deliveriesOf, earlierDeliveries, recordDelivery } from './deliveries.ts'

/** What the probe does at one delivery: answer a status, perhaps after a while, or throw. */
const Answer = z.union([
  z.number().int(),
  z.literal('throw'),
  z.object({ status: z.number().int(), retryAfter: z.number().optional(), afterMs: z.number().optional() }),
])

export type ProbeAnswer = z.infer<typeof Answer>

const Body = z.object({ execution_id: z.string(), claim: z.number(), script: z.array(Answer).min(1) })

/** Plays the script that its message carries, an answer a delivery; the last one repeats. */
export const messageProbe = createFunction().post('/steps/conformance-probe', async (c) => {
  const { platform } = c.env
  const body = Body.safeParse(await c.req.json())
  if (!body.success) throw new Problem('invalid_request', 'The probe was sent no script')
  const { execution_id, claim, script } = body.data
  const earlier = await earlierDeliveries(platform.store, execution_id, claim)
  const answer = script[Math.min(earlier, script.length - 1)] ?? 200
  await recordDelivery(platform, execution_id, claim, answer)
  // Hono answers an Error with a 500 of its own; anything else goes through to whoever called the function.
  if (answer === 'throw') throw `The probe ${execution_id} throws`
  if (typeof answer === 'number') return new Response(null, { status: answer })
  if (answer.afterMs !== undefined) await platform.clock.sleep(answer.afterMs)
  const headers = answer.retryAfter === undefined ? {} : { 'Retry-After': String(answer.retryAfter) }
  return new Response(null, { status: answer.status, headers })
})

const Sending = z.object({
  messages: z.array(
    z.object({ message: z.unknown(), delaySeconds: z.number().optional(), copies: z.number().int().optional() }),
  ),
})

/** Sends any message through the platform's queue, and tells what the queue refused. */
export const sendProbe = createFunction().post('/conformance/messages', async (c) => {
  const { queue } = c.env.platform
  const { messages } = Sending.parse(await c.req.json())
  const refused: { code: string; message: string }[] = []
  let sent = 0
  for (const { message, delaySeconds, copies = 1 } of messages) {
    for (let copy = 0; copy < copies; copy++) {
      try {
        await queue.send(message as Message, delaySeconds)
        sent++
      } catch (error) {
        refused.push({ code: error instanceof Problem ? error.code : '', message: String(error) })
      }
    }
  }
  return c.json({ sent, refused })
})

/** What the probes wrote down under one name. */
export const deliveriesProbe = createFunction().get('/conformance/deliveries/:probe', async (c) =>
  c.json(await deliveriesOf(c.env.platform.store, c.req.param('probe'))),
)

/** Answers at once, and writes down afterwards that it did. */
export const deferProbe = createFunction().post('/conformance/defer/:probe', async (c) => {
  const { platform } = c.env
  const later = async () => {
    await platform.clock.sleep(500)
    await recordDelivery(platform, c.req.param('probe'), 0, 'deferred')
  }
  platform.defer(later())
  return c.json({ deferred: true }, 202)
})
