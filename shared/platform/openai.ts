import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embedMany, generateText } from 'ai'
import PQueue from 'p-queue'
import * as z from 'zod'
import type { Clock } from './clock.ts'
import type { Embedder } from './embedder.ts'
import { CONNECTION_SHARES } from './envelope.ts'
import { type Llm, type LlmAnswer, type LlmRequest, UnusableAnswer } from './llm.ts'
import { Problem } from './problems.ts'

export interface OpenAiOptions {
  /** `https://api.example.com/v1`. */
  readonly baseUrl: string
  readonly apiKey?: string | undefined
  readonly model: string
  readonly clock: Clock
  /** Of one call. Default 120 s for a completion, 60 s for embeddings. */
  readonly timeoutMs?: number
  /** Tries of one request before it fails. Default 3, minimum 1. */
  readonly attempts?: number
  /** Calls at once. Default 3. */
  readonly concurrency?: number
  /** Calls begun in any one minute. Default 120. */
  readonly callsPerMinute?: number
  /** Called before each request, also before one that is tried again. */
  readonly onRequest?: (() => void) | undefined
}

export interface OpenAiEmbedderOptions extends OpenAiOptions {
  /** Texts of one call. Default 10: what DashScope takes; OpenAI would take 2,048. */
  readonly batchSize?: number
  /** Known length of the vectors; otherwise `dimension` is 0 until the first answer. */
  readonly dimension?: number
}

const ATTEMPTS = 3
const BACKOFF_MS = 1000 // doubled after each failure
const WAIT_MS_MAX = 60_000 // limits are mostly per minute; a longer Retry-After is not a function's to wait for
const LIMITED_MAX = 10 // answers of 429 that say when to come back; others of one request count as tries
const DETAIL_CHARACTERS_MAX = 300

type FailureCode = 'llm_failed' | 'embedding_failed'

/** A failure of one call, with what the next try needs to know. */
class CallFailure extends Error {
  readonly again: boolean
  readonly waitMs: number | undefined
  /** The endpoint says that it is asked too often, and when it may be asked again. */
  readonly limited: boolean
  /** Whether it is this request's own: the endpoint answered, and may well answer others. */
  readonly own: boolean

  constructor(message: string, again: boolean, waitMs?: number, { limited = false, own = false } = {}) {
    super(message)
    this.again = again
    this.waitMs = waitMs
    this.limited = limited
    this.own = own
  }
}

const OWN = { own: true }
const OWN_STATUSES = new Set([400, 413, 422]) // too long, refused by a filter, not understood

/**
 * Chat completion with a schema. The schema is put into the prompt and the answer is checked here, because endpoints
 * differ in what they enforce; `response_format` is left out where the endpoint does not know it.
 */
export function openAiLlm(options: OpenAiOptions): Llm {
  let jsonMode = true
  const provider = createOpenAICompatible({
    ...providerSettings(options),
    transformRequestBody: (body) => (jsonMode ? { ...body, response_format: { type: 'json_object' } } : body),
  })
  const queue = callQueue(options)

  async function complete<T>(request: LlmRequest<T>): Promise<LlmAnswer<T>> {
    const used = { inputTokens: 0, outputTokens: 0 } // failed tries are paid for, too
    const value = await withAttempts('llm_failed', options, queue, request.signal, async (abortSignal) => {
      const answer = await generateText({
        model: provider.chatModel(options.model),
        system: `${request.system}\n\n${schemaText(request)}`,
        prompt: request.prompt,
        maxRetries: 0,
        abortSignal,
      }).catch((thrown: unknown) => {
        if (jsonMode && refusesJsonMode(thrown)) {
          jsonMode = false
          throw new CallFailure('the endpoint does not know response_format', true, 0)
        }
        throw thrown
      })
      const { inputTokens = 0, outputTokens = 0 } = answer.usage
      used.inputTokens += inputTokens
      used.outputTokens += outputTokens
      request.onUsage?.({ inputTokens, outputTokens })
      if (answer.finishReason === 'length')
        throw new CallFailure('the answer was cut off at the token limit', true, 0, OWN)
      return parseAnswer(answer.text, request)
    })
    return { value, ...used }
  }

  return { model: options.model, complete }
}

/** Embeddings in batches, scaled to unit length. */
export function openAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const provider = createOpenAICompatible(providerSettings(options))
  const queue = callQueue(options)
  const batchSize = options.batchSize ?? 10
  let dimension = options.dimension ?? 0

  async function embedBatch(batch: readonly string[], signal?: AbortSignal): Promise<number[][]> {
    const embedderOptions = { timeoutMs: 60_000, ...options }
    return await withAttempts('embedding_failed', embedderOptions, queue, signal, async (abortSignal) => {
      const model = provider.embeddingModel(options.model)
      const { embeddings } = await embedMany({ model, values: [...batch], maxRetries: 0, abortSignal })
      const length = dimension === 0 ? (embeddings[0]?.length ?? 0) : dimension
      const sound = embeddings.every((vector) => vector.length === length && vector.every(Number.isFinite))
      if (length === 0 || embeddings.length !== batch.length || !sound) {
        throw new CallFailure(
          `${batch.length} texts did not give as many vectors of ${length} numbers`,
          false,
          undefined,
          OWN,
        )
      }
      dimension = length
      return embeddings.map(unitLength)
    })
  }

  return {
    model: options.model,
    get dimension() {
      return dimension
    },
    async embed(texts, signal) {
      const batches: string[][] = []
      for (let start = 0; start < texts.length; start += batchSize) batches.push(texts.slice(start, start + batchSize))
      return (await Promise.all(batches.map((batch) => embedBatch(batch, signal)))).flat()
    },
  }
}

async function withAttempts<T>(
  code: FailureCode,
  options: OpenAiOptions,
  queue: PQueue,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const attempts = Math.max(1, options.attempts ?? ATTEMPTS)
  let [attempt, limited] = [0, 0]
  while (true) {
    signal?.throwIfAborted()
    const failure = await queue.add(async () => {
      const timeout = AbortSignal.timeout(options.timeoutMs ?? 120_000)
      try {
        return { value: await call(signal === undefined ? timeout : AbortSignal.any([signal, timeout])) }
      } catch (thrown) {
        signal?.throwIfAborted()
        return timeout.aborted ? new CallFailure('no answer in time', true) : asFailure(thrown)
      }
    })
    if (!(failure instanceof CallFailure)) return failure.value
    if (failure.limited && limited < LIMITED_MAX) limited++
    else attempt++
    const waitMs = failure.waitMs ?? BACKOFF_MS * 2 ** Math.max(0, attempt - 1)
    if (!failure.again || attempt >= attempts || waitMs > WAIT_MS_MAX) throw problemOf(code, options, failure)
    await options.clock.sleep(waitMs, signal)
  }
}

function asFailure(thrown: unknown): CallFailure {
  if (thrown instanceof CallFailure) return thrown
  if (!APICallError.isInstance(thrown)) return new CallFailure(messageOf(thrown), true)
  if (thrown.statusCode === undefined)
    return new CallFailure(`the endpoint does not answer (${messageOf(thrown)})`, true)
  const transient = thrown.statusCode === 429 || thrown.statusCode === 408 || thrown.statusCode >= 500
  const unreadable = thrown.statusCode < 300
  const message = unreadable
    ? 'the endpoint did not answer as an OpenAI-compatible one does'
    : `HTTP ${thrown.statusCode}: ${messageOf(thrown)}`
  const waitMs = retryAfterMs(thrown.responseHeaders ?? {})
  const limited = thrown.statusCode === 429 && waitMs !== undefined
  return new CallFailure(message, transient || unreadable, waitMs, {
    limited,
    own: OWN_STATUSES.has(thrown.statusCode),
  })
}

/** Seconds, or a date: that one is compared with the date of the answer, by the same clock of the other side. */
function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const header = headers['retry-after']?.trim() ?? ''
  if (header === '') return undefined
  const ms = Number.isFinite(Number(header))
    ? Number(header) * 1000
    : Date.parse(header) - Date.parse(headers.date ?? '')
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function problemOf(code: FailureCode, options: OpenAiOptions, failure: CallFailure): Problem {
  // An endpoint may repeat the key in its message. The cause is none of its own: that holds the whole request.
  const key = options.apiKey
  const detail = key === undefined || key === '' ? failure.message : failure.message.replaceAll(key, '******')
  const address = new URL(options.baseUrl).host
  return new Problem(code, `${options.model} at ${address}: ${detail.slice(0, DETAIL_CHARACTERS_MAX)}`, {
    ...(failure.own ? { cause: new UnusableAnswer() } : {}),
    ...(failure.again ? {} : { hint: 'Check the base URL, the key and the model of the endpoint' }),
    ...(failure.waitMs === undefined || failure.waitMs === 0 ? {} : { retryAfter: Math.ceil(failure.waitMs / 1000) }),
  })
}

function parseAnswer<T>(text: string, request: LlmRequest<T>): T {
  const unfenced = text.replace(/^[\s\S]*?```(?:json)?\s*\n([\s\S]*?)\n?```[\s\S]*$/, '$1').trim()
  let json: unknown
  try {
    json = JSON.parse(unfenced)
  } catch {
    throw new CallFailure('the answer is not JSON', true, 0, OWN)
  }
  const parsed = request.schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new CallFailure(`the answer does not fit the schema: ${issue?.path.join('.')} ${issue?.message}`, true, 0, OWN)
}

function schemaText<T>(request: LlmRequest<T>): string {
  const schema = JSON.stringify(z.toJSONSchema(request.schema, { io: 'input' }))
  return `Answer with one JSON value and nothing else. It is named "${request.schemaName}" and fits this JSON schema:\n${schema}`
}

function refusesJsonMode(thrown: unknown): boolean {
  return (
    APICallError.isInstance(thrown) &&
    (thrown.statusCode === 400 || thrown.statusCode === 422) &&
    /response_format|json_object/i.test(`${thrown.message} ${thrown.responseBody ?? ''}`)
  )
}

function providerSettings(options: OpenAiOptions) {
  const { apiKey, onRequest } = options
  const counted: typeof fetch = (input, init) => {
    onRequest?.()
    return fetch(input, init)
  }
  return {
    name: 'openai-compatible',
    baseURL: options.baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(onRequest === undefined ? {} : { fetch: counted }),
  }
}

function callQueue(options: OpenAiOptions): PQueue {
  const { concurrency = CONNECTION_SHARES.model, callsPerMinute = 120 } = options
  return new PQueue({ concurrency, interval: 60_000, intervalCap: callsPerMinute })
}

function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? [...vector] : vector.map((value) => value / length)
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
