import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Clock } from '../../../shared/platform/clock.ts'
import { meteredLlm } from '../../../shared/platform/llm.ts'
import { type OpenAiOptions, openAiEmbedder, openAiLlm } from '../../../shared/platform/openai.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { type ScriptedOpenAi, type ScriptedReply, scriptedOpenAi } from '../../support/scripted-openai.ts'

const KEY = 'sk-very-secret-0123456789'
const request = {
  system: 'You write SQL.',
  prompt: 'How many?',
  schema: z.strictObject({ sql: z.string() }),
  schemaName: 'answer',
}
const good: ScriptedReply = { kind: 'chat', content: '{"sql":"select 1"}' }

async function endpoint(...script: ScriptedReply[]) {
  const server = await scriptedOpenAi(script)
  const sleeps: number[] = []
  return {
    server,
    sleeps,
    options: optionsFor(server, sleeps),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function optionsFor(server: ScriptedOpenAi, sleeps: number[]): OpenAiOptions {
  const clock: Clock = {
    now: () => new Date(0),
    timeZone: 'UTC',
    sleep: async (ms) => {
      sleeps.push(ms)
    },
  }
  return { baseUrl: server.url, apiKey: KEY, model: 'scripted-model', clock, timeoutMs: 300 }
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof Problem)) throw new Error(`expected a problem, got ${String(thrown)}`)
  return thrown
}

test('an answer that fits the schema comes back with its tokens', async () => {
  await using scripted = await endpoint(good)
  expect(await openAiLlm(scripted.options).complete(request)).toEqual({
    value: { sql: 'select 1' },
    inputTokens: 11,
    outputTokens: 7,
  })
  const [sent] = scripted.server.requests
  expect(sent).toMatchObject({ path: '/v1/chat/completions', authorization: `Bearer ${KEY}` })
  expect(sent?.body).toMatchObject({ model: 'scripted-model', response_format: { type: 'json_object' } })
  expect(JSON.stringify(sent?.body)).toContain('JSON schema')
})

test('an answer in a fence is read', async () => {
  await using scripted = await endpoint({ kind: 'chat', content: 'Here it is:\n```json\n{"sql":"select 2"}\n```' })
  expect((await openAiLlm(scripted.options).complete(request)).value).toEqual({ sql: 'select 2' })
})

test('an endpoint that does not know response_format is asked without it', async () => {
  const refusal = JSON.stringify({ error: { message: "'response_format.type' must be 'json_schema' or 'text'" } })
  await using scripted = await endpoint({ kind: 'error', status: 400, body: refusal }, good)
  expect((await openAiLlm(scripted.options).complete(request)).value).toEqual({ sql: 'select 1' })
  expect(scripted.server.requests[1]?.body).not.toHaveProperty('response_format')
})

test.each<[string, ScriptedReply]>([
  ['500', { kind: 'error', status: 500 }],
  ['cut-off answer', { kind: 'chat', content: '{"sql":"sel', finishReason: 'length' }],
  ['invalid JSON', { kind: 'chat', content: '{"sql":' }],
  ['answer beside the schema', { kind: 'chat', content: '{"query":"select 1"}' }],
  ['cut-off response body', { kind: 'raw', body: '{"choices":[{"mess' }],
  ['hang', { kind: 'hang' }],
  ['dropped connection', { kind: 'disconnect' }],
])('a %s is tried again', async (_, reply) => {
  await using scripted = await endpoint(reply, good)
  expect((await openAiLlm(scripted.options).complete(request)).value).toEqual({ sql: 'select 1' })
  expect(scripted.server.requests).toHaveLength(2)
})

test.each<[string, ScriptedReply, number]>([
  ['500', { kind: 'error', status: 500 }, 3],
  ['invalid JSON', { kind: 'chat', content: 'no' }, 3],
  ['hang', { kind: 'hang' }, 3],
  ['401', { kind: 'error', status: 401, body: `{"error":{"message":"Incorrect API key provided: ${KEY}"}}` }, 1],
])('an endless %s ends as llm_failed after a bounded number of tries, without the key', async (_, reply, tries) => {
  await using scripted = await endpoint(reply)
  const problem = await problemOf(openAiLlm(scripted.options).complete(request))
  expect(problem.code).toBe('llm_failed')
  expect(scripted.server.requests).toHaveLength(tries)
  expect(`${problem.message} ${problem.stack} ${JSON.stringify(problem)} ${String(problem.cause)}`).not.toContain(KEY)
})

test('a short Retry-After is waited for, a long one is handed to the caller', async () => {
  const busy = (seconds: string): ScriptedReply => ({ kind: 'error', status: 429, headers: { 'retry-after': seconds } })
  await using short = await endpoint(busy('3'), good)
  expect((await openAiLlm(short.options).complete(request)).value).toEqual({ sql: 'select 1' })
  expect(short.sleeps).toEqual([3000])
  await using long = await endpoint(busy('90'))
  expect(await problemOf(openAiLlm(long.options).complete(request))).toMatchObject({
    code: 'llm_failed',
    retryAfter: 90,
  })
  expect(long.server.requests).toHaveLength(1)
})

test('a Retry-After that is a date counts from the date of the answer', async () => {
  const headers = { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:28:07 GMT' }
  await using scripted = await endpoint({ kind: 'error', status: 429, headers }, good)
  await openAiLlm(scripted.options).complete(request)
  expect(scripted.sleeps).toEqual([7000])
})

test('being told to come back later does not use up the tries, but not for ever', async () => {
  const busy: ScriptedReply = { kind: 'error', status: 429, headers: { 'retry-after': '2' } }
  await using patient = await endpoint(busy, busy, busy, busy, busy, good)
  expect((await openAiLlm(patient.options).complete(request)).value).toEqual({ sql: 'select 1' })
  expect(patient.sleeps).toEqual([2000, 2000, 2000, 2000, 2000])
  await using endless = await endpoint(busy)
  expect((await problemOf(openAiLlm(endless.options).complete(request))).code).toBe('llm_failed')
  expect(endless.server.requests.length).toBeLessThan(20)
})

test('the tokens of answers that did not fit are counted, also when none fits in the end', async () => {
  await using scripted = await endpoint({ kind: 'chat', content: 'no' })
  const meter = meteredLlm(openAiLlm(scripted.options))
  expect((await problemOf(meter.llm.complete(request))).code).toBe('llm_failed')
  expect(meter.tokens()).toBe(3 * (11 + 7))
})

test('an aborted request stops at once and is not a failure of the endpoint', async () => {
  await using scripted = await endpoint({ kind: 'hang' })
  const signal = AbortSignal.timeout(50)
  const error = await openAiLlm({ ...scripted.options, timeoutMs: 5000 })
    .complete({ ...request, signal })
    .catch((thrown: unknown) => thrown)
  expect(error).not.toBeInstanceOf(Problem)
  expect(signal.aborted).toBe(true)
})

test('no more than the allowed number of calls are open at once', async () => {
  await using scripted = await endpoint(good)
  const llm = openAiLlm({ ...scripted.options, concurrency: 2 })
  await Promise.all(Array.from({ length: 8 }, () => llm.complete(request)))
  expect(scripted.server.concurrencyMax).toBe(2)
})

test('embeddings come in batches, in order and at unit length', async () => {
  await using scripted = await endpoint({ kind: 'embeddings', vectorOf: (text) => [Number(text), 4, 0] })
  const embedder = openAiEmbedder({ ...scripted.options, batchSize: 3 })
  expect(embedder.dimension).toBe(0)
  const vectors = await embedder.embed(['3', '0', '-3', '3', '0'])
  expect(vectors).toEqual([
    [0.6, 0.8, 0],
    [0, 1, 0],
    [-0.6, 0.8, 0],
    [0.6, 0.8, 0],
    [0, 1, 0],
  ])
  expect(scripted.server.requests.map(({ body }) => (body.input as string[]).length)).toEqual([3, 2])
  expect(embedder.dimension).toBe(3)
})

test.each<[string, ScriptedReply]>([
  ['vectors of another length', { kind: 'embeddings', vectorOf: (text) => (text === 'b' ? [1] : [1, 2]) }],
  ['503', { kind: 'error', status: 503 }],
])('%s end as embedding_failed', async (_, reply) => {
  await using scripted = await endpoint(reply)
  expect((await problemOf(openAiEmbedder(scripted.options).embed(['a', 'b']))).code).toBe('embedding_failed')
})
