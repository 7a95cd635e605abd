import type { ExecutionContext, MessageBatch, ScheduledController } from '@cloudflare/workers-types'
import { SCHEDULED } from '../scheduled/manifest.ts'
import { type CloudflareEnv, type CloudflarePlatform, openCloudflarePlatform } from '../shared/platform/cloudflare.ts'
import { consumeBatch } from '../shared/platform/cloudflare-queue.ts'
import type { Platform } from '../shared/platform/platform.ts'
import { createApp } from './app.ts'
import { FUNCTIONS } from './manifest.ts'

const INVOCATION_MS_MAX = 14 * 60_000 // a minute less than a queue's or a schedule's invocation may take

type Context = Pick<ExecutionContext, 'waitUntil'>

const app = createApp(FUNCTIONS)

/** The Cloudflare Worker: every trigger becomes a Request to the function that it is for. */
export default {
  async fetch(request: Request, env: CloudflareEnv, context: Context): Promise<Response> {
    // Not closed: a streamed answer outlives this call. The runtime drops the connection with the request.
    const { platform } = open(env, context, null)
    return await app.fetch(request, { platform })
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
      const failed: string[] = []
      for (const { name } of SCHEDULED.filter(({ cron }) => cron === controller.cron)) {
        if (!(await fire(opened.platform, name))) failed.push(name)
      }
      if (failed.length > 0) throw new Error(`Scheduled functions failed: ${failed.join(', ')}`)
    } finally {
      await opened.close()
    }
  },
}

function open(env: CloudflareEnv, context: Context, limitMs: number | null): CloudflarePlatform {
  return openCloudflarePlatform(env, context, { dispatch, limitMs })
}

async function dispatch(platform: Platform, message: Parameters<Platform['dispatch']>[0]): Promise<Response> {
  const { function: name, body } = message
  const found = FUNCTIONS.find((definition) => definition.name === name && definition.trigger === 'queue')
  if (found === undefined) return new Response(`There is no function "${name}"`, { status: 404 })
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return await found.app.request(`/steps/${name}`, init, { platform })
}

async function fire(platform: Platform, name: string): Promise<boolean> {
  const found = SCHEDULED.find((definition) => definition.name === name)
  platform.log('cron.fired', { function: name })
  const response = await found?.app.request(`/scheduled/${name}`, { method: 'POST' }, { platform })
  if (response?.ok === true) return true
  platform.log('cron.failed', { function: name, status: response?.status })
  return false
}
