import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SQSRecord } from 'aws-lambda'
import type { Clock } from '../../../shared/platform/clock.ts'
import { seededRandom } from '../../../shared/platform/random.ts'
import { BucketModel } from './bucket-model.ts'
import { type Answer, type Received, ServiceError } from './exchange.ts'
import { md5, type QueueFaults, QueueModel, type QueueSettings } from './queue-model.ts'
import { answerS3, s3Action, s3Refusal } from './s3-service.ts'
import { answerSqs, sqsAction, sqsRefusal, systemAttributes } from './sqs-service.ts'
import { type KnownCredentials, verifySignature } from './verify-signature.ts'

export interface LoopbackAwsOptions {
  readonly clock: Clock
  /** Queues by name. */
  readonly queues?: Readonly<Record<string, QueueSettings>>
  /** Names of buckets. */
  readonly buckets?: readonly string[]
  /** Makes queues as unruly as they may be; the same seed does the same. */
  readonly faults?: { readonly seed: number; readonly shuffle?: boolean; readonly duplicates?: number }
}

/** A request that came, and how it was answered. */
export interface Logged {
  readonly service: 's3' | 'sqs'
  readonly action: string
  readonly method: string
  readonly path: string
  readonly status: number
}

/** SQS and S3 on loopback, in memory. */
export interface LoopbackAws extends AsyncDisposable {
  /** `http://127.0.0.1:…`, for both services. */
  readonly url: string
  readonly region: string
  readonly credentials: KnownCredentials
  readonly requests: readonly Logged[]
  queueUrl(name: string): string
  /** The settings of an installation that uses these queues and this bucket. */
  environment(names: { queue: string; deadLetters: string; bucket: string }): Record<string, string>
  /** Receives as SQS does, into what a function is given. */
  receive(queueUrl: string, max: number): SQSRecord[]
  delete(queueUrl: string, receiptHandle: string): void
  /** Messages of a queue, whatever their state. */
  queueDepth(queueUrl: string): number
  /** When a queue's next message is ready, in milliseconds of the clock. */
  nextVisibleAt(queueUrl: string): number | null
  /** What lies in a queue, oldest first, parsed where it is JSON. Reading takes nothing away. */
  letters(queueUrl: string): unknown[]
  /** A bucket's objects and open uploads. */
  bucket(name: string): BucketModel
  /** Fails the next requests; those of one action when it is named. */
  failNext(times: number, failure: Failure, action?: string): void
}

/** An error's status (200: S3's kind that begins well), or a connection that breaks: before the work, or after it. */
export type Failure = number | 'broken' | 'lost'

const REGION = 'us-east-1'
const ACCOUNT = '000000000000'
const CREDENTIALS: KnownCredentials = {
  accessKeyId: 'AKIDLOOPBACK',
  secretAccessKey: 'loopback/secret+key',
  sessionToken: 'loopback/session+token==',
}

interface Fault {
  times: number
  readonly failure: Failure
  readonly action: string | undefined
}

/** Starts the server; every request must be signed with its credentials, and be of this time of the clock. */
export async function loopbackAws(options: LoopbackAwsOptions): Promise<LoopbackAws> {
  const { clock } = options
  const requests: Logged[] = []
  const faults: Fault[] = []
  const queues = openQueues(options)
  const buckets = new Map((options.buckets ?? []).map((name) => [name, new BucketModel(name, clock)]))
  const queueOf = (url: string) => queues.get(url.slice(url.lastIndexOf('/') + 1))
  const known = (url: string) => queueOf(url) ?? missing(url)
  const scope = { region: REGION, credentials: CREDENTIALS }

  const answer = (received: Received): Answer | 'broken' => {
    const asked = sqsAction(received)
    const service = asked === null ? 's3' : 'sqs'
    const action = asked ?? s3Action(received)
    const fault = faults.find(({ times, action: only }) => times > 0 && (only === undefined || only === action))
    if (fault !== undefined) fault.times--
    const failure = fault?.failure
    const answered = refusing(service, () => {
      if (typeof failure === 'number') throw new ServiceError(failure, codeOf(failure), 'As the test wants')
      if (failure === 'broken') return { status: 0 }
      verifySignature(received, { ...scope, service, now: clock.now() })
      if (service === 's3') return answerS3(received, action, (name) => buckets.get(name))
      return answerSqs(received, action, queueOf)
    })
    const { method, path } = received
    requests.push({ service, action, method, path, status: answered.status })
    return typeof failure === 'string' ? 'broken' : answered
  }
  const server = await listen(answer)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const queueUrl = (name: string) => `${url}/${ACCOUNT}/${name}`
  return {
    url,
    region: REGION,
    credentials: CREDENTIALS,
    requests,
    queueUrl,
    environment: ({ queue, deadLetters, bucket }) => ({
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken ?? '',
      AWS_ENDPOINT_URL: url,
      HELIX_QUEUE_URL: queueUrl(queue),
      HELIX_DEAD_LETTER_QUEUE_URL: queueUrl(deadLetters),
      HELIX_FILES_BUCKET: bucket,
    }),
    receive: (from, max) =>
      known(from)
        .receive(max)
        .map((message) => ({
          messageId: message.messageId,
          receiptHandle: message.receiptHandle,
          body: message.body,
          attributes: systemAttributes(message),
          messageAttributes: {},
          md5OfBody: md5(message.body),
          eventSource: 'aws:sqs',
          eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${known(from).name}`,
          awsRegion: REGION,
        })),
    delete: (from, receiptHandle) => known(from).delete(receiptHandle),
    queueDepth: (of) => known(of).bodies().length,
    nextVisibleAt: (of) => known(of).nextVisibleAt(),
    letters: (of) => known(of).bodies().map(parsed),
    bucket: (name) => buckets.get(name) ?? missing(name),
    failNext: (times, failure, action) => faults.push({ times, failure, action }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function openQueues({ clock, queues = {}, faults }: LoopbackAwsOptions): ReadonlyMap<string, QueueModel> {
  const random = faults === undefined ? () => 1 : seededRandom(faults.seed)
  const drawn: QueueFaults = { random, shuffle: faults?.shuffle === true, duplicates: faults?.duplicates ?? 0 }
  const opened = new Map<string, QueueModel>()
  for (const [name, settings] of Object.entries(queues)) {
    const { deadLetters } = settings
    const bury = (message: { messageId: string; body: string; sentAt: number }) =>
      (opened.get(deadLetters?.queue ?? '') ?? missing(deadLetters?.queue ?? '')).take(message)
    opened.set(name, new QueueModel(name, settings, { clock, faults: drawn, bury }))
  }
  return opened
}

function refusing(service: 's3' | 'sqs', work: () => Answer): Answer {
  const refusal = service === 's3' ? s3Refusal : sqsRefusal
  try {
    return work()
  } catch (error) {
    return refusal(error instanceof ServiceError ? error : new ServiceError(500, 'InternalError', String(error)))
  }
}

/** What both services say to a status; a throttled request of SQS is a 400. */
function codeOf(status: number): string {
  if (status === 400) return 'ThrottlingException'
  if (status === 403) return 'AccessDenied'
  if (status === 503) return 'SlowDown'
  return 'InternalError'
}

async function listen(answer: (received: Received) => Answer | 'broken'): Promise<Server> {
  const server = createServer((request, response) => {
    const served = receive(request).then((received) => {
      const answered = answer(received)
      if (answered === 'broken') request.socket.destroy()
      else write(response, answered, request.method === 'HEAD')
    })
    served.catch(() => request.socket.destroy()) // the sender went away before it had sent everything
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const target = request.url ?? '/'
  const at = target.includes('?') ? target.indexOf('?') : target.length
  const rawQuery = target.slice(at + 1)
  return {
    method: request.method ?? 'GET',
    path: target.slice(0, at),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: request.headers,
    body: Buffer.concat(chunks),
  }
}

function write(response: ServerResponse, { status, headers, body = '' }: Answer, headOnly: boolean): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  response.end(headOnly ? undefined : body)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function missing(name: string): never {
  throw new Error(`The test has opened no ${name}`)
}
