import type { SQSBatchResponse, SQSRecord } from 'aws-lambda'
import type { BrokerDelivery } from '../../../local/queue/port.ts'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import type { Message } from '../../../shared/platform/queue.ts'
import { md5, type QueueRelay } from '../../support/loopback-aws/queue-model.ts'
import { type Drive, type DrivenQueue, openDrive } from '../suite/drive.ts'

/** Stands between SQS and the Lambdas: with a drive, its broker gets what is sent and makes the events. */
export class LambdaDriver {
  readonly #call: (event: unknown) => Promise<unknown>
  readonly #givenBack = new Map<string, number>()
  #drive: Drive | null = null

  constructor(call: (event: unknown) => Promise<unknown>) {
    this.#call = call
  }

  /** Of the queue of messages. */
  readonly messages: QueueRelay = {
    sent: (body, delaySeconds) => {
      void this.#drive?.sent(JSON.parse(body) as Message, delaySeconds)
      return this.#drive !== null
    },
    givenBack: (receiptHandle, seconds) => {
      if (this.#drive !== null) this.#givenBack.set(receiptHandle, seconds)
      return this.#drive !== null
    },
  }

  /** Of the dead-letter queue. */
  readonly letters: QueueRelay = {
    sent: (body) => {
      this.#drive?.buried(JSON.parse(body) as DeadLetter)
      return this.#drive !== null
    },
    givenBack: () => false,
  }

  async drive(seed: number): Promise<DrivenQueue> {
    const drive = openDrive(seed, (batch) => this.#invoke(batch))
    this.#drive = drive
    return {
      counts: () => drive.counts(),
      depth: () => drive.depth(),
      dead: () => drive.dead(),
      [Symbol.asyncDispose]: async () => {
        await drive[Symbol.asyncDispose]()
        this.#drive = null
      },
    }
  }

  /** What the answer does not name is done; what it names comes again when its visibility ends. */
  async #invoke(batch: readonly BrokerDelivery[]): Promise<ReadonlyMap<string, number>> {
    const records = batch.map(recordOf)
    const answer = (await this.#call({ Records: records })) as SQSBatchResponse
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    return new Map(
      records
        .filter(({ messageId }) => failed.has(messageId))
        .map(({ messageId, receiptHandle }) => [messageId, this.#givenBack.get(receiptHandle) ?? 0]),
    )
  }
}

function recordOf({ id, token, message, attempt }: BrokerDelivery): SQSRecord {
  const body = JSON.stringify(message)
  return {
    messageId: id,
    receiptHandle: `driven ${id} ${token}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt + 1),
      SentTimestamp: '0',
      SenderId: 'driven',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: md5(body),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:driven',
    awsRegion: 'us-east-1',
  }
}
