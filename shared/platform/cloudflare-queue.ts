import type { Queue as CloudflareQueue, MessageBatch, Message as QueueMessage } from '@cloudflare/workers-types'
import { backoffMs, settle } from './consume.ts'
import type { Platform } from './platform.ts'
import { Problem } from './problems.ts'
import { MESSAGE_BYTES_MAX, MESSAGE_DELAY_SECONDS_MAX, type Queue } from './queue.ts'

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

const TURN_MS_MIN = 60_000 // a step that begins with less would do little more than open its source

type Consumer = Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random' | 'deadline' | 'stopping'>

/**
 * Hands each message of a batch to its function and settles it, message by message. The batch shares one invocation:
 * a message whose turn comes when that has no room left is given back, and starts another one.
 * @param dead the dead-letter queue; what can't be put there is tried again
 */
export async function consumeBatch(platform: Consumer, batch: MessageBatch, dead: CloudflareQueue): Promise<void> {
  for (const message of batch.messages) {
    if (hasRoom(platform)) {
      await consume(platform, message, dead)
    } else {
      platform.log('message.delayed', { messageId: message.id, deliveries: message.attempts, delaySeconds: 0 })
      message.retry()
    }
  }
}

function hasRoom({ deadline, stopping, clock }: Consumer): boolean {
  if (stopping.aborted) return false
  return deadline === null || deadline.getTime() - clock.now().getTime() >= TURN_MS_MIN
}

async function consume(platform: Consumer, message: QueueMessage, dead: CloudflareQueue): Promise<void> {
  const { id, body, attempts } = message
  const settlement = await settle(platform, { id, message: body, deliveries: attempts })
  if (settlement.kind === 'again') return message.retry({ delaySeconds: settlement.delaySeconds })
  if (settlement.kind === 'bury') {
    try {
      await dead.send(settlement.letter, { contentType: 'json' })
    } catch (cause) {
      platform.log('background.failed', { what: 'bury message', messageId: id, message: String(cause) })
      return message.retry({ delaySeconds: Math.max(1, Math.ceil(backoffMs(attempts, platform.random) / 1_000)) })
    }
  }
  message.ack()
}
