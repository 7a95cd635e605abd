import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { LoopbackAws } from './server.ts'

/**
 * One turn of a Lambda event source mapping with ReportBatchItemFailures: receives a batch, invokes the function, and
 * deletes what the answer does not name. A function that throws, or names what it was not given, has failed the whole batch.
 * @returns how many messages were handed over
 */
export async function deliverBatch(
  aws: Pick<LoopbackAws, 'receive' | 'delete'>,
  queueUrl: string,
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse | undefined>,
  batchSize = 10,
): Promise<number> {
  const Records = aws.receive(queueUrl, batchSize)
  if (Records.length === 0) return 0
  const failed = await failures({ Records }, invoke)
  for (const { messageId, receiptHandle } of Records) if (!failed.has(messageId)) aws.delete(queueUrl, receiptHandle)
  return Records.length
}

async function failures(
  event: SQSEvent,
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse | undefined>,
): Promise<ReadonlySet<string>> {
  const all = new Set(event.Records.map(({ messageId }) => messageId))
  try {
    const named = (await invoke(event))?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) ?? []
    return named.every((id) => all.has(id)) ? new Set(named) : all
  } catch {
    return all
  }
}
