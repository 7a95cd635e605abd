import { type AwsCredentials, signRequest } from './aws-sign.ts'
import { readXml, textAt } from './aws-xml.ts'
import type { Clock } from './clock.ts'
import { Problem } from './problems.ts'
import type { Random } from './random.ts'

export interface AwsClientOptions {
  readonly service: 's3' | 'sqs'
  readonly region: string
  readonly credentials: AwsCredentials
  readonly clock: Clock
  readonly random: Random
}

export interface AwsRequest {
  /** Its name in the service's reference: `SendMessage`, `GetObject`. */
  readonly action: string
  readonly method: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Statuses that are answers rather than failures, besides 2xx. */
  readonly accepts?: readonly number[]
  /** S3 begins some answers with 200 before it knows how they end: their body is read, and may be an error. */
  readonly mayFailLate?: true
}

export interface AwsAnswer {
  readonly response: Response
  /** More than one when an earlier try failed, perhaps after it had taken effect. */
  readonly tries: number
}

/** Signs requests and sends them, again where that may help. */
export interface AwsClient {
  /** @throws {Problem} `queue_unavailable` or `files_unavailable`, naming the action and AWS's code, and no secret */
  send(request: AwsRequest): Promise<AwsAnswer>
}

const TRIES_MAX = 4
const BACKOFF_BASE_MS = 100
const BACKOFF_MS_MAX = 5_000
const ANSWER_MS_MAX = 30_000 // until the headers of an answer; its body may take longer
const ERROR_BYTES_MAX = 64_000
const AGAIN = new Set([409, 429]) // another write is under way; too many requests
const THROTTLED = /throttl|slowdown|toomanyrequests|requesttimeout$|requestlimit/i

const UNAVAILABLE = { s3: 'files_unavailable', sqs: 'queue_unavailable' } as const

/** A client of one service over the global `fetch`. */
export function awsClient(options: AwsClientOptions): AwsClient {
  return {
    async send(request) {
      for (let tries = 1; ; tries++) {
        const outcome = await attempt(options, request)
        if (outcome instanceof Response) return { response: outcome, tries }
        if (!outcome.again || tries === TRIES_MAX) throw problemOf(options, request, outcome)
        // Full jitter, so that many functions refused at once do not come back at once.
        const waitMs = options.random() * Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** tries)
        await options.clock.sleep(Math.ceil(waitMs))
      }
    },
  }
}

/** Why a try gave no answer. */
interface Failure {
  /** AWS's own code, or what the connection broke with. */
  readonly reason: string
  readonly again: boolean
}

async function attempt(options: AwsClientOptions, request: AwsRequest): Promise<Response | Failure> {
  const { region, service, credentials, clock } = options
  const headers = await signRequest(request, credentials, { region, service, now: clock.now() })
  let response: Response
  try {
    response = await answerInTime(clock, request, headers)
  } catch (error) {
    return { reason: connectionReason(error), again: true }
  }
  if (response.ok && request.mayFailLate === true) return await wholeAnswer(response)
  if (response.ok || request.accepts?.includes(response.status) === true) return response
  const code = await errorCode(response)
  const again = response.status >= 500 || AGAIN.has(response.status) || THROTTLED.test(code)
  return { reason: `HTTP ${response.status}${code === '' ? '' : ` ${code}`}`, again }
}

async function answerInTime(clock: Clock, request: AwsRequest, headers: Record<string, string>): Promise<Response> {
  const late = new AbortController()
  const answered = new AbortController()
  void clock.sleep(ANSWER_MS_MAX, answered.signal).then(() => {
    if (!answered.signal.aborted) late.abort(new Error('no answer in time'))
  })
  try {
    const body = request.body === undefined ? {} : { body: request.body as Uint8Array<ArrayBuffer> }
    return await fetch(request.url, {
      method: request.method,
      headers,
      redirect: 'manual',
      signal: late.signal,
      ...body,
    })
  } finally {
    answered.abort()
  }
}

async function wholeAnswer(response: Response): Promise<Response | Failure> {
  try {
    const body = await response.text()
    const code = readXml(body).name === 'Error' ? xmlCode(body) : null
    return code === null ? new Response(body, response) : { reason: `HTTP ${response.status} ${code}`, again: true }
  } catch (error) {
    return { reason: connectionReason(error), again: true }
  }
}

/** Reads what is left of an answer that says nothing more, so that its connection serves the next request. */
export async function drain(response: Response): Promise<void> {
  await response.arrayBuffer().catch(() => undefined)
}

/** The code in an error's body: JSON from SQS, XML from S3, nothing after HEAD. Its message is left out: it may quote the request. */
export async function errorCode(response: Response): Promise<string> {
  const body = (await response.text().catch(() => '')).slice(0, ERROR_BYTES_MAX)
  const code = body.startsWith('{') ? jsonCode(body) : xmlCode(body)
  return /^[\w.-]{1,100}$/.test(code) ? code : ''
}

/** `com.amazonaws.sqs#QueueDoesNotExist` without its namespace. */
function jsonCode(body: string): string {
  try {
    const { __type: type } = JSON.parse(body) as { __type?: unknown }
    return typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : ''
  } catch {
    return ''
  }
}

function xmlCode(body: string): string {
  try {
    return textAt(readXml(body), 'Code') ?? ''
  } catch {
    return ''
  }
}

/** `fetch` says "fetch failed" and keeps what happened as the cause. */
function connectionReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}

function problemOf(options: AwsClientOptions, request: AwsRequest, { reason, again }: Failure): Problem {
  return new Problem(UNAVAILABLE[options.service], `${request.action} at ${request.url.host}: ${reason}`, {
    ...(again ? {} : { hint: `Check what the role may do, and the settings of ${options.service.toUpperCase()}` }),
  })
}
