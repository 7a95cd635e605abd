import type { Queue as CloudflareQueue, MessageBatch, Message as QueueMessage } from '@cloudflare/workers-types'
import * as z from 'zod'
import { outcomeOf } from './http/outcome.ts'
import type { Platform } from './platform.ts'
import { Problem } from './problems.ts'
import { MESSAGE_BYTES_MAX, MESSAGE_DELAY_SECONDS_MAX, type Queue } from './queue.ts'

const DELIVERIES_MAX = 5 // below `max_retries` of wrangler.toml, so that a dead letter gets its reason here
const BACKOFF_SECONDS_MAX = 60

/** A message that nobody could handle, as it is put into the dead-letter queue. */
export interface DeadLetter {
  readonly message: unknown
  readonly reason: string
  readonly deliveries: number
  readonly at: string
}

const Body = z.object({ function: z.string().min(1), body: z.unknown() })

/** Sends messages through a Cloudflare queue, whose limits are wider than the portable ones. */
export function cloudflareQueue(queue: CloudflareQueue): Queue {
  return {
    async send(message, delaySeconds = 0) {
      const bytes = new TextEncoder().encode(JSON.stringify(message)).length
      if (bytes > MESSAGE_BYTES_MAX) {
        throw new Problem('payload_too_large', `A message of ${bytes} bytes is over ${MESSAGE_BYTES_MAX}`)
      }
      const delay = Math.min(Math.ceil(delaySeconds), MESSAGE_DELAY_SECONDS_MAX)
      await queue.send(message, { contentType: 'json', delaySeconds: delay })
    },
  }
}

/**
 * Hands each message of a batch to its function and settles it by the outcome table, message by message.
 * @param dead the dead-letter queue; what can't be put there is tried again
 */
export async function consumeBatch(
  platform: Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random'>,
  batch: MessageBatch,
  dead: CloudflareQueue,
): Promise<void> {
  for (const message of batch.messages) await consume(platform, message, dead)
}

async function consume(
  platform: Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random'>,
  message: QueueMessage,
  dead: CloudflareQueue,
): Promise<void> {
  const parsed = Body.safeParse(message.body)
  if (!parsed.success) return await bury(platform, message, dead, 'It is not { function, body }')
  const { function: name, body } = parsed.data
  const fields = { function: name, messageId: message.id, deliveries: message.attempts }
  const outcome = outcomeOf(await answerOf(() => platform.dispatch({ function: name, body })))
  if (outcome.fate === 'acknowledge') {
    message.ack()
  } else if (outcome.fate === 'fenced') {
    platform.log('message.fenced', fields)
    message.ack()
  } else if (outcome.fate === 'later') {
    const delaySeconds = Math.min(Math.max(outcome.delaySeconds, 1), MESSAGE_DELAY_SECONDS_MAX)
    platform.log('message.delayed', { ...fields, delaySeconds })
    message.retry({ delaySeconds })
  } else if (outcome.fate === 'dead' || message.attempts >= DELIVERIES_MAX) {
    await bury(platform, message, dead, outcome.reason)
  } else {
    const delaySeconds = backoffSeconds(message.attempts, platform.random)
    platform.log('message.retried', { ...fields, delaySeconds, reason: outcome.reason })
    message.retry({ delaySeconds })
  }
}

async function answerOf(call: () => Promise<Response>): Promise<Response | Error> {
  try {
    return await call()
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown))
  }
}

async function bury(
  { log, clock, random }: Pick<Platform, 'log' | 'clock' | 'random'>,
  message: QueueMessage,
  dead: CloudflareQueue,
  reason: string,
): Promise<void> {
  const fields = { messageId: message.id, deliveries: message.attempts, reason }
  const letter: DeadLetter = {
    message: message.body,
    reason,
    deliveries: message.attempts,
    at: clock.now().toISOString(),
  }
  const failure = await dead.send(letter, { contentType: 'json' }).then(
    () => null,
    (error: unknown) => error,
  )
  if (failure === null) {
    log('message.dead', fields)
    message.ack()
  } else {
    log('message.retried', { ...fields, failure: String(failure) })
    message.retry({ delaySeconds: backoffSeconds(message.attempts, random) })
  }
}

/** Full jitter over a doubling span, at least a second. */
function backoffSeconds(attempts: number, random: () => number): number {
  return Math.max(1, Math.ceil(random() * Math.min(BACKOFF_SECONDS_MAX, 2 ** attempts)))
}
