import type { Queue as CloudflareQueue, MessageBatch, Message as QueueMessage } from '@cloudflare/workers-types'
import { hasRoom, settle } from './consume.ts'
import type { Platform } from './platform.ts'
import { portable, type Queue } from './queue.ts'

/** Sends messages through a Cloudflare queue, whose limits are wider than the portable ones. */
export function cloudflareQueue(queue: CloudflareQueue): Queue {
  return {
    async send(message, delaySeconds) {
      await queue.send(message, { contentType: 'json', delaySeconds: portable(message, delaySeconds).delaySeconds })
    },
  }
}

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

async function consume(platform: Consumer, message: QueueMessage, dead: CloudflareQueue): Promise<void> {
  const { id, body, attempts } = message
  const settlement = await settle(platform, { id, message: body, deliveries: attempts }, async (letter) => {
    await dead.send(letter, { contentType: 'json' })
  })
  if (settlement.kind === 'again') message.retry({ delaySeconds: settlement.delaySeconds })
  else message.ack()
}
