import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type Answer, header, type Received, ServiceError } from './exchange.ts'
import { md5, type QueueModel, type ReceivedMessage } from './queue-model.ts'

type Input = Readonly<Record<string, unknown>>
type Action = (queue: QueueModel, input: Input) => object

const ReceiptHandle = z.object({ ReceiptHandle: z.string() })
const Entries = z.object({
  Entries: z
    .array(z.object({ Id: z.string() }).loose())
    .min(1)
    .max(10),
})
const Send = z.object({ MessageBody: z.string(), DelaySeconds: z.number().optional() })
const Receive = z.object({
  MaxNumberOfMessages: z.number().default(1),
  VisibilityTimeout: z.number().optional(),
  WaitTimeSeconds: z.number().min(0).max(20).default(0), // never waited for: the answer is empty at once
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  AttributeNames: z.array(z.string()).default([]), // the older name of the same
})

const ACTIONS: Readonly<Record<string, Action>> = {
  SendMessage: (queue, input) => {
    const { MessageBody, DelaySeconds } = read(Send, input)
    const { messageId, md5: digest } = queue.send(MessageBody, DelaySeconds)
    return { MessageId: messageId, MD5OfMessageBody: digest }
  },
  SendMessageBatch: (queue, input) => batch(queue, input, ACTIONS.SendMessage),
  ReceiveMessage: (queue, input) => {
    const { MaxNumberOfMessages, VisibilityTimeout, ...names } = read(Receive, input)
    const wanted = [...names.MessageSystemAttributeNames, ...names.AttributeNames]
    const messages = queue.receive(MaxNumberOfMessages, VisibilityTimeout)
    return messages.length === 0 ? {} : { Messages: messages.map((message) => written(message, wanted)) }
  },
  DeleteMessage: (queue, input) => {
    queue.delete(read(ReceiptHandle, input).ReceiptHandle)
    return {}
  },
  DeleteMessageBatch: (queue, input) => batch(queue, input, ACTIONS.DeleteMessage),
  ChangeMessageVisibility: (queue, input) => {
    const { VisibilityTimeout } = read(z.object({ VisibilityTimeout: z.number() }), input)
    queue.changeVisibility(read(ReceiptHandle, input).ReceiptHandle, VisibilityTimeout)
    return {}
  },
  GetQueueAttributes: (queue) => {
    const { visible, inFlight, delayed } = queue.counts()
    const attributes = {
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
      VisibilityTimeout: queue.settings.visibilitySeconds ?? 30,
    }
    return { Attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, `${value}`])) }
  },
}

/** The action that a request asks of SQS; null when it is for another service. */
export function sqsAction(received: Received): string | null {
  return /^AmazonSQS\.(\w+)$/.exec(header(received, 'x-amz-target'))?.[1] ?? null
}

/** Answers one request as SQS's JSON protocol does. @throws {ServiceError} */
export function answerSqs(
  received: Received,
  action: string,
  queueOf: (url: string) => QueueModel | undefined,
): Answer {
  if (received.method !== 'POST' || header(received, 'content-type') !== 'application/x-amz-json-1.0') {
    throw new ServiceError(400, 'SerializationException', 'The protocol is POST of application/x-amz-json-1.0')
  }
  const act = ACTIONS[action]
  if (act === undefined) throw new ServiceError(400, 'UnknownOperationException', `${action} is not known`)
  const input = parse(received.body)
  const queue = queueOf(read(z.object({ QueueUrl: z.string() }), input).QueueUrl)
  if (queue === undefined) throw new ServiceError(400, 'QueueDoesNotExist', 'The specified queue does not exist.')
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() }
  return { status: 200, headers, body: JSON.stringify(act(queue, input)) }
}

/** A refusal as SQS writes it. */
export function sqsRefusal({ status, code, message }: ServiceError): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
      'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}`,
    },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
  }
}

function batch(queue: QueueModel, input: Input, act: Action | undefined): object {
  const Successful: object[] = []
  const Failed: object[] = []
  for (const { Id, ...entry } of read(Entries, input).Entries) {
    try {
      Successful.push({ Id, ...act?.(queue, entry) })
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true })
    }
  }
  return { Successful, Failed }
}

function written(message: ReceivedMessage, wanted: readonly string[]): object {
  const all = systemAttributes(message)
  const Attributes = Object.fromEntries(
    Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name)),
  )
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(wanted.length === 0 ? {} : { Attributes }),
  }
}

/** What SQS tells about a message besides its body. */
export function systemAttributes(message: ReceivedMessage) {
  return {
    ApproximateReceiveCount: `${message.receives}`,
    ApproximateFirstReceiveTimestamp: `${message.firstReceivedAt}`,
    SentTimestamp: `${message.sentAt}`,
    SenderId: 'AIDAEXAMPLE',
  }
}

function parse(body: Buffer): Input {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body.toString()))
  } catch {
    throw new ServiceError(400, 'SerializationException', 'The body is not a JSON object')
  }
}

function read<T>(schema: z.ZodType<T>, input: Input): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = issue?.path.join('.') ?? ''
  if (!(String(issue?.path[0]) in input)) throw new ServiceError(400, 'MissingParameter', `${name} is missing`)
  throw new ServiceError(400, 'InvalidParameterValue', `${name}: ${issue?.message}`)
}
