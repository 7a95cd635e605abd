import { type AwsClient, awsClient, drain } from './aws-client.ts'
import type { AwsConfig } from './aws-config.ts'
import type { Clock } from './clock.ts'
import type { DeadLetter } from './consume.ts'
import { portable, type Queue } from './queue.ts'
import type { Random } from './random.ts'

/** The two queues of an installation on SQS, and what a consumer may ask of them. */
export interface SqsQueues {
  readonly queue: Queue
  /** Puts a letter into the dead-letter queue. */
  bury(letter: DeadLetter): Promise<void>
  /** Delivers a message that is in flight again, not before that many seconds. @param seconds 0 to 43,200 */
  giveBack(receiptHandle: string, seconds: number): Promise<void>
}

const REASON_CHARACTERS_MAX = 2_000 // what was thrown may be of any length, and a letter must fit into a message

/**
 * SQS over its JSON protocol. Standard queues only: FIFO queues know no delay of a single message.
 * A send that is tried again may be stored twice, as the port allows.
 */
export function sqsQueues(options: {
  readonly config: AwsConfig
  readonly clock: Clock
  readonly random: Random
}): SqsQueues {
  const { config, clock, random } = options
  const { region, credentials, queueUrl, deadLetterQueueUrl } = config
  const client = awsClient({ service: 'sqs', region, credentials, clock, random })
  const call = (action: string, input: Readonly<Record<string, unknown>>) =>
    callSqs(client, config.sqsEndpoint, action, input)
  return {
    queue: {
      async send(message, delaySeconds) {
        const { text, delaySeconds: delay } = portable(message, delaySeconds)
        await call('SendMessage', { QueueUrl: queueUrl, MessageBody: text, DelaySeconds: delay })
      },
    },
    async bury(letter) {
      const body = JSON.stringify({ ...letter, reason: letter.reason.slice(0, REASON_CHARACTERS_MAX) })
      await call('SendMessage', { QueueUrl: deadLetterQueueUrl, MessageBody: body })
    },
    async giveBack(receiptHandle, seconds) {
      const input = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }
      await call('ChangeMessageVisibility', input)
    },
  }
}

async function callSqs(
  client: AwsClient,
  endpoint: string,
  action: string,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { response } = await client.send({
    action,
    method: 'POST',
    url: new URL(endpoint),
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
    body: new TextEncoder().encode(JSON.stringify(input)),
  })
  await drain(response)
}
