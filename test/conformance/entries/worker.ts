import type { MessageBatch, R2Bucket } from '@cloudflare/workers-types'
import { cloudflareWorker } from '../../../functions/cloudflare.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { openTriggers } from '../../../functions/triggers.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import type { CloudflareEnv } from '../../../shared/platform/cloudflare.ts'
import { PROBE_FUNCTIONS, PROBE_SCHEDULED } from '../probes/probes.ts'

/** Where the letters of the dead-letter queue are read: the queue itself can't be looked into. */
const LETTERS_PATH = '/conformance-letters'
/** As wrangler's own path for it does: Miniflare's asks the server of static files, which knows no schedule. */
const TICK_PATH = '/conformance-tick'
const LETTERS_QUEUE = 'helix-dead-letters'
/** Where the suite's broker is put in the place of the queue (`?url=…`) and taken away again. */
const DRIVE_PATH = '/conformance-drive'
/** Takes a batch of that broker, which the runtime then hands to `queue()` as one of its own. */
const BATCH_PATH = '/conformance-batch'
const DRIVEN_QUEUE = 'conformance-driven'

type Env = CloudflareEnv & { readonly LETTERS: R2Bucket; readonly SELF: QueueEntry }
type Worker = ReturnType<typeof cloudflareWorker>
type Context = Parameters<Worker['fetch']>[2]

const functions = [...FUNCTIONS, ...PROBE_FUNCTIONS]
const worker = cloudflareWorker(openTriggers(functions, [...SCHEDULED, ...PROBE_SCHEDULED]))

/** This Worker, as the runtime calls it with a batch (`service_binding_extra_handlers`). */
interface QueueEntry {
  queue(name: string, messages: readonly { id: string; timestamp: Date; attempts: number; body: unknown }[]): unknown
}

let broker: string | null = null

/** Gets the batches of the suite's broker. An entrypoint of its own: before the default one stands the server of static files. */
export const Driven = {
  async queue(batch: MessageBatch, env: Env, context: Context): Promise<void> {
    await worker.queue(batch, drivenEnv(env), context)
  },
}

export default {
  ...worker,
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === DRIVE_PATH) {
      broker = searchParams.get('url')
      return new Response('ok')
    }
    if (pathname === BATCH_PATH) return await handOver(request, env)
    if (pathname === LETTERS_PATH) return Response.json(await lettersIn(env.LETTERS))
    if (pathname !== TICK_PATH) {
      const response = await worker.fetch(request, drivenEnv(env), context)
      // Wrangler's proxy loses the connection on which a body was left unread, and with it the next caller's request.
      if (request.body !== null && !request.bodyUsed) await request.arrayBuffer()
      return response
    }
    const tick = { cron: searchParams.get('cron') ?? '', scheduledTime: 0, noRetry: () => undefined }
    return await worker.scheduled(tick, drivenEnv(env), context).then(
      () => new Response('ok'),
      (cause: unknown) => new Response(String(cause), { status: 500 }),
    )
  },
  async queue(batch: MessageBatch, env: Env, context: Context): Promise<void> {
    if (batch.queue !== LETTERS_QUEUE) return await worker.queue(batch, env, context)
    for (const { id, timestamp, body } of batch.messages) {
      await env.LETTERS.put(`${timestamp.toISOString()} ${id}`, JSON.stringify(body)) // their order is that of the keys
    }
  },
}

async function handOver(request: Request, { SELF }: Env): Promise<Response> {
  const { messages } = (await request.json()) as { messages: { id: string; attempts: number; body: unknown }[] }
  const timestamp = new Date()
  return Response.json(
    await SELF.queue(
      DRIVEN_QUEUE,
      messages.map((message) => ({ ...message, timestamp })),
    ),
  )
}

/** While the suite's broker stands in for the queue, what is sent goes to it. */
function drivenEnv(env: Env): Env {
  if (broker === null) return env
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(broker + path, { method: 'POST', body: JSON.stringify(body) })
    await answer.text()
    if (!answer.ok) throw new Error(`The broker answered ${answer.status}`)
  }
  const QUEUE = {
    send: (message: unknown, options?: { delaySeconds?: number }) =>
      post('/send', { message, delaySeconds: options?.delaySeconds ?? 0 }),
  }
  const DEAD_LETTERS = { send: (letter: unknown) => post('/bury', letter) }
  return { ...env, QUEUE, DEAD_LETTERS } as unknown as Env
}

async function lettersIn(bucket: R2Bucket): Promise<unknown[]> {
  const letters: unknown[] = []
  let cursor: string | undefined
  do {
    const page = await bucket.list(cursor === undefined ? {} : { cursor })
    for (const { key } of page.objects) letters.push(await (await bucket.get(key))?.json())
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  return letters
}
