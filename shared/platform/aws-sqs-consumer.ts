import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { SqsQueues } from './aws-sqs.ts'
import { hasRoom, settle } from './consume.ts'
import type { Platform } from './platform.ts'

type Consumer = Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random' | 'deadline' | 'stopping'>

/**
 * Hands each message of an SQS event to its function and settles it, message by message. What is not named in the
 * answer is deleted by Lambda; what is named comes back when its visibility timeout ends, which is changed to the delay
 * that its outcome asks for. A message whose turn comes when the invocation has no room left is given back at once.
 * Never throws: that would bring back the whole batch.
 */
export async function consumeSqsEvent(
  platform: Consumer,
  event: SQSEvent,
  queues: Pick<SqsQueues, 'bury' | 'giveBack'>,
): Promise<SQSBatchResponse> {
  const failed: string[] = []
  for (const record of event.Records) {
    if (!(await consume(platform, record, queues))) failed.push(record.messageId)
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

/** Whether the message may be deleted. */
async function consume(
  platform: Consumer,
  record: SQSRecord,
  queues: Pick<SqsQueues, 'bury' | 'giveBack'>,
): Promise<boolean> {
  const id = record.messageId
  const deliveries = Number(record.attributes.ApproximateReceiveCount)
  if (!hasRoom(platform)) {
    platform.log('message.delayed', { messageId: id, deliveries, delaySeconds: 0 })
    await attempt(platform, 'give back message', id, () => queues.giveBack(record.receiptHandle, 0))
    return false
  }
  const settlement = await settle(platform, { id, message: parsed(record.body), deliveries }, queues.bury)
  if (settlement.kind === 'done') return true
  const { delaySeconds } = settlement
  await attempt(platform, 'delay message', id, () => queues.giveBack(record.receiptHandle, delaySeconds))
  return false
}

/** What is not JSON is left as it is: it fits no function, and is buried as such. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

/** A failure is logged and no more: the message comes back by itself, after the queue's own visibility timeout. */
async function attempt(platform: Consumer, what: string, messageId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    platform.log('background.failed', { what, messageId, message })
  }
}
