import type { Hono } from 'hono'
import type { FunctionEnv, Platform } from '../shared/platform/platform.ts'
import { createApp } from './app.ts'
import type { FunctionDefinition } from './manifest.ts'

/** A function that a clock calls, as the manifest of the schedules lists it. */
export interface Scheduled {
  readonly name: string
  /** Five fields in UTC. */
  readonly cron: string
  readonly app: Hono<FunctionEnv>
}

/** The three ways in which a function is called; each becomes a Request to it. */
export interface Triggers {
  /** A public HTTP call. */
  fetch(platform: Platform, request: Request): Promise<Response>
  /** A message for a queue function. 404 for a name that there is not: the message is then poison. */
  dispatch(platform: Platform, message: Parameters<Platform['dispatch']>[0], handed?: unknown): Promise<Response>
  /** Calls what is due at a cron expression, one after the other. @returns those that failed, each with its reason: `name: reason` */
  fire(platform: Platform, cron: string): Promise<string[]>
}

const JSON_TYPE = { 'content-type': 'application/json' }
const BARE = { method: 'POST' } // what is handed over says it all: without a body, one Request does for all

/** The same functions behind any platform's triggers. */
export function openTriggers(functions: readonly FunctionDefinition[], scheduled: readonly Scheduled[]): Triggers {
  const app = createApp(functions)
  const queued = new Map(functions.filter(({ trigger }) => trigger === 'queue').map((found) => [found.name, found]))
  const bare = new Map([...queued.keys()].map((name) => [name, new Request(`http://localhost/steps/${name}`, BARE)]))
  return {
    fetch: async (platform, request) => await app.fetch(request, { platform }),
    async dispatch(platform, { function: name, body }, handed) {
      const found = queued.get(name)
      if (found === undefined) return new Response(`There is no function "${name}"`, { status: 404 })
      const request = handed === undefined ? undefined : bare.get(name)
      if (request !== undefined) return await found.app.fetch(request, { platform, handed })
      const init = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) }
      return await found.app.request(`/steps/${name}`, init, { platform })
    },
    async fire(platform, cron) {
      const failed: string[] = []
      for (const definition of scheduled.filter((candidate) => candidate.cron === cron)) {
        const { reason } = await callScheduled(definition, platform)
        if (reason !== null) failed.push(`${definition.name}: ${reason}`)
      }
      return failed
    },
  }
}

export interface Called {
  readonly response: Response
  /** Why it failed, in the function's own words; null where it did not. */
  readonly reason: string | null
}

/** One tick of a scheduled function. A failure is logged and answered: the next tick tries again. */
export async function callScheduled({ name, app }: Scheduled, platform: Platform): Promise<Called> {
  platform.log('cron.fired', { function: name })
  const told: string[] = []
  const tellFailure = (message: string) => void told.push(message)
  try {
    const response = await app.request(`/scheduled/${name}`, { method: 'POST' }, { platform, tellFailure })
    if (response.ok) return { response, reason: null }
    const { code, detail } = await problemIn(response)
    const message = told[0] ?? detail
    platform.log('cron.failed', { function: name, status: response.status, code, message })
    return { response, reason: String(message ?? `HTTP ${response.status}`) }
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    platform.log('cron.failed', { function: name, message })
    return { response: new Response(message, { status: 500 }), reason: message }
  }
}

async function problemIn(response: Response): Promise<{ code?: unknown; detail?: unknown }> {
  const problem: { code?: unknown; detail?: unknown } | null = await response
    .clone()
    .json()
    .catch(() => null)
  return problem ?? {}
}
