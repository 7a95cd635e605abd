import type { Platform } from '../platform/platform.ts'
import type { Message } from '../platform/queue.ts'
import { admissionRules, admitWaiting, lockSchedule } from './schedule.ts'

/** Sends messages after their transaction has committed. A message that can't be sent is no failure: the sweep sends it again. */
export async function sendMessages(platform: Platform, messages: readonly Message[], delaySeconds = 0): Promise<void> {
  for (const message of messages) {
    try {
      await platform.queue.send(message, delaySeconds)
    } catch (cause) {
      platform.log('background.failed', { what: 'send message', ...message.body, message: String(cause) })
    }
  }
}

/** Lets waiting runs in and sends their messages; called whenever a run has ended. */
export async function admitAndSend(platform: Platform): Promise<number> {
  const messages = await platform.store.transaction(async (tx) => {
    await lockSchedule(tx)
    return await admitWaiting(tx, admissionRules(platform.config, platform.clock.now()))
  })
  await sendMessages(platform, messages)
  return messages.length
}
