import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the endpoint does with one request, in the order of the script. */
export type ScriptedReply =
  | { readonly kind: 'chat'; readonly content: string; readonly finishReason?: 'stop' | 'length' }
  | { readonly kind: 'embeddings'; readonly vectorOf: (text: string) => readonly number[] }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  | { readonly kind: 'raw'; readonly body: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'disconnect' }

export interface ScriptedRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
}

export interface ScriptedOpenAi extends AsyncDisposable {
  /** Base URL to configure: `http://127.0.0.1:…/v1`. */
  readonly url: string
  readonly requests: ScriptedRequest[]
  /** The largest number of requests that were open at once. */
  readonly concurrencyMax: number
}

const REPLY_DELAY_MS = 5 // so that concurrent requests overlap

/** An OpenAI-compatible endpoint on loopback that plays a script; its last reply repeats. */
export async function scriptedOpenAi(script: readonly ScriptedReply[]): Promise<ScriptedOpenAi> {
  const requests: ScriptedRequest[] = []
  let open = 0
  let concurrencyMax = 0
  const server = createServer((request, response) => {
    concurrencyMax = Math.max(concurrencyMax, ++open)
    response.on('close', () => open--)
    readBody(request)
      .then(async (body) => {
        const reply = script[Math.min(requests.length, script.length - 1)]
        requests.push({ path: request.url ?? '', authorization: request.headers.authorization, body })
        await new Promise((resolve) => setTimeout(resolve, REPLY_DELAY_MS))
        if (reply !== undefined) play(reply, body, response)
      })
      .catch(() => response.destroy()) // a client that went away leaves half a body
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get concurrencyMax() {
      return concurrencyMax
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function play(reply: ScriptedReply, body: Record<string, unknown>, response: ServerResponse): void {
  if (reply.kind === 'hang') return
  if (reply.kind === 'disconnect') {
    response.destroy()
    return
  }
  if (reply.kind === 'error') {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(reply.body ?? JSON.stringify({ error: { message: `scripted ${reply.status}` } }))
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(reply.kind === 'raw' ? reply.body : JSON.stringify(answerOf(reply, body)))
}

function answerOf(
  reply: Extract<ScriptedReply, { kind: 'chat' | 'embeddings' }>,
  body: Record<string, unknown>,
): unknown {
  if (reply.kind === 'chat') {
    return {
      id: 'scripted',
      object: 'chat.completion',
      created: 0,
      model: body.model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: reply.content },
          finish_reason: reply.finishReason ?? 'stop',
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }
  }
  const texts = body.input as readonly string[]
  return {
    object: 'list',
    model: body.model,
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: reply.vectorOf(text) })),
    usage: { prompt_tokens: texts.length, total_tokens: texts.length },
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>
}
