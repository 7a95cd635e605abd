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

type Env = CloudflareEnv & { readonly LETTERS: R2Bucket }
type Worker = ReturnType<typeof cloudflareWorker>
type Context = Parameters<Worker['fetch']>[2]

const functions = [...FUNCTIONS, ...PROBE_FUNCTIONS]
const worker = cloudflareWorker(openTriggers(functions, [...SCHEDULED, ...PROBE_SCHEDULED]))

export default {
  ...worker,
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === LETTERS_PATH) return Response.json(await lettersIn(env.LETTERS))
    if (pathname !== TICK_PATH) {
      const response = await worker.fetch(request, env, context)
      // Wrangler's proxy loses the connection on which a body was left unread, and with it the next caller's request.
      if (request.body !== null && !request.bodyUsed) await request.arrayBuffer()
      return response
    }
    const tick = { cron: searchParams.get('cron') ?? '', scheduledTime: 0, noRetry: () => undefined }
    return await worker.scheduled(tick, env, context).then(
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
