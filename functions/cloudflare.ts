import type { ExecutionContext, MessageBatch, ScheduledController } from '@cloudflare/workers-types'
import { quickJsModule } from '#quickjs'
import { cloudSteadyMs, type OpenPlatform } from '../shared/platform/cloud.ts'
import { type CloudflareEnv, openCloudflarePlatform } from '../shared/platform/cloudflare.ts'
import { consumeBatch } from '../shared/platform/cloudflare-queue.ts'
import { requestFigures } from '../shared/platform/request-figures.ts'
import { inlineSandbox } from '../shared/sandbox/inline-sandbox.ts'
import type { Triggers } from './triggers.ts'

/**
 * How long an invocation for a queue or a schedule plans to take. The runtime allows 15 minutes, but only 5 of CPU, and
 * a Worker can't read what it has used: its clock stands still while it computes. CPU time is never more than wall time,
 * so that an invocation planned within `cpu_ms` of wrangler.toml can't be killed for computing; what is only waited for
 * (an item in flight, a slow endpoint) may still take longer.
 */
export const INVOCATION_MS_MAX = 270_000

type Context = Pick<ExecutionContext, 'waitUntil'>

/** A Cloudflare Worker: every trigger becomes a Request to the function that it is for. */
export function cloudflareWorker(triggers: Triggers) {
  const sandbox = inlineSandbox({ module: quickJsModule, steadyMs: cloudSteadyMs }) // of the isolate: it runs one at a time
  const requests = requestFigures(0)
  const open = (env: CloudflareEnv, context: Context, limitMs: number | null): OpenPlatform =>
    openCloudflarePlatform(env, context, { dispatch: triggers.dispatch, sandbox, requests, limitMs })
  return {
    async fetch(request: Request, env: CloudflareEnv, context: Context): Promise<Response> {
      // Not closed: a streamed answer outlives this call. The runtime drops the connection with the request.
      const { platform } = open(env, context, null)
      const answer = await triggers.fetch(platform, request)
      return answer.status === 404 ? ((await staticFile(request, env)) ?? answer) : answer
    },

    async queue(batch: MessageBatch, env: CloudflareEnv, context: Context): Promise<void> {
      const opened = open(env, context, INVOCATION_MS_MAX)
      try {
        await consumeBatch(opened.platform, batch, env.DEAD_LETTERS)
      } finally {
        await opened.close()
      }
    },

    /** @throws {Error} after all that was due has been called, so that the invocation counts as failed */
    async scheduled(controller: ScheduledController, env: CloudflareEnv, context: Context): Promise<void> {
      const opened = open(env, context, INVOCATION_MS_MAX)
      try {
        const failed = await triggers.fire(opened.platform, controller.cron)
        if (failed.length > 0) throw new Error(`Scheduled functions failed: ${failed.join('; ')}`)
      } finally {
        await opened.close()
      }
    },
  }
}

/** The file of `web/public` at this path, where no function answers; null when there is none. */
async function staticFile(request: Request, { ASSETS }: CloudflareEnv): Promise<Response | null> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null
  const { pathname } = new URL(request.url)
  if (pathname.startsWith('/api/')) return null
  // The runtime's classes are the same things under other declarations.
  const found = (await ASSETS.fetch(request.url, { method: request.method })) as unknown as Response
  return found.ok ? found : null
}
