import type pg from 'pg'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Embedder } from './embedder.ts'
import { type Files, readText } from './files.ts'
import { heldClaims } from './held-claims.ts'
import type { Llm } from './llm.ts'
import { jsonLinesLog } from './log.ts'
import { poolReading, unseenMachine } from './machine.ts'
import type { Mail } from './mail.ts'
import { openAiEmbedder, openAiLlm } from './openai.ts'
import { pgQueryParser } from './pg-query-parser.ts'
import type { Platform } from './platform.ts'
import { postgresStore } from './postgres-store.ts'
import { Problem } from './problems.ts'
import type { Queue } from './queue.ts'
import { randomId } from './random.ts'
import { type RequestFigures, requestFigures } from './request-figures.ts'
import type { Sandbox } from './sandbox.ts'
import { secretsWith } from './secrets.ts'
import { urlSources } from './url-sources.ts'

/** What differs between two clouds. */
export interface CloudParts {
  /** The first part of a worker's id: `cloudflare`, `aws`. */
  readonly cloud: string
  readonly config: Config
  /** The store's connections, ended with the platform. */
  readonly pool: pg.Pool
  readonly files: Files
  readonly queue: Queue
  readonly sandbox: Sandbox
  /** Reaches a function of the manifest, which this file can't know. */
  readonly dispatch: (platform: Platform, ...call: Parameters<Platform['dispatch']>) => Promise<Response>
  /** Keeps the invocation alive for deferred work; each promise handed over never rejects. */
  readonly keepAlive: (work: Promise<unknown>) => void
  readonly deadline: Date | null
  /** Aborts when the invocation should begin nothing more; never where nothing but time limits it. */
  readonly stopping?: AbortSignal
  /** Kept from one invocation of a process to the next. */
  readonly requests?: RequestFigures
  /** Sends letters, where the cloud lets a function open sockets to a mail server. */
  readonly mail?: Mail | null
  /** Told of each connection to a source and of each call of an endpoint, where a cloud limits their number. */
  readonly onSubrequest?: () => void
}

/** A platform for one invocation. */
export interface OpenPlatform {
  readonly platform: Platform
  /** Waits for all deferred work, also for what that defers. */
  settled(): Promise<void>
  /** Settles, then ends the connections to the store. */
  close(): Promise<void>
}

const TABLE_LISTS = 'table_lists' // the folder of the bucket where table lists are put

/** The platform of one invocation on any cloud, from the few parts in which clouds differ. */
export function openCloudPlatform(parts: CloudParts): OpenPlatform {
  const { config, files } = parts
  const clock = cloudClock(config)
  // biome-ignore lint/suspicious/noConsole: a function's only output; the platform's log reads each line as JSON
  const log = jsonLinesLog({ now: clock.now, level: config.HELIX_LOG_LEVEL, write: (line) => console.log(line) })
  const store = postgresStore({ pool: parts.pool, kind: 'server' })
  const deferred = new Set<Promise<unknown>>()
  const platform: Platform = {
    config,
    store,
    sources: urlSources(config, parts.onSubrequest),
    queue: parts.queue,
    files,
    tableLists: { read: (name) => readText(files, `${TABLE_LISTS}/${name}`) },
    clock,
    random: cloudRandom,
    log,
    mail: parts.mail ?? null,
    requests: parts.requests ?? requestFigures(0),
    machine: unseenMachine(() => poolReading(parts.pool)),
    secrets: secretsWith(config.HELIX_SECRET_KEY),
    llm: llmOf(config, clock, parts.onSubrequest),
    embedder: embedderOf(config, clock, parts.onSubrequest),
    sqlParser: pgQueryParser(),
    sandbox: parts.sandbox,
    defer(work) {
      const kept: Promise<unknown> = work
        .catch((cause: unknown) => log('background.failed', { what: 'deferred work', message: String(cause) }))
        .finally(() => deferred.delete(kept))
      deferred.add(kept)
      parts.keepAlive(kept)
    },
    dispatch: (...call) => parts.dispatch(platform, ...call),
    takesSteps: () => false, // who asks is an HTTP call, which ends with its answer
    workerId: `${parts.cloud}:${randomId(cloudRandom)}`,
    claims: heldClaims(),
    deadline: parts.deadline,
    stopping: parts.stopping ?? new AbortController().signal, // a function is never asked: it has a deadline instead
  }
  const settled = async () => {
    while (deferred.size > 0) await Promise.all(deferred)
  }
  return {
    platform,
    settled,
    async close() {
      await settled()
      await store.close()
    },
  }
}

/** The runtime's time. On Cloudflare it stands still while nothing is awaited. */
export function cloudClock(config: Pick<Config, 'HELIX_TIME_ZONE'>): Clock {
  return {
    now: () => new Date(),
    timeZone: config.HELIX_TIME_ZONE ?? 'UTC',
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        if (signal?.aborted === true) done()
        else signal?.addEventListener('abort', done)
      }),
  }
}

/** Milliseconds since some moment, for durations. On Cloudflare they stand still while nothing is awaited. */
export function cloudSteadyMs(): number {
  return performance.now()
}

/** Chance, from the runtime. */
export function cloudRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32
}

function llmOf(config: Config, clock: Clock, onRequest?: () => void): Llm | null {
  const { HELIX_LLM_BASE_URL: baseUrl, HELIX_LLM_MODEL: model, HELIX_LLM_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return null
  return openAiLlm({ baseUrl, model, apiKey, clock, onRequest })
}

/** The embedded model is too large for a function, so that without an endpoint nothing can be embedded. */
function embedderOf(config: Config, clock: Clock, onRequest?: () => void): Embedder {
  const { HELIX_EMBEDDING_BASE_URL: baseUrl, HELIX_EMBEDDING_MODEL: model, HELIX_EMBEDDING_API_KEY: apiKey } = config
  if (baseUrl !== undefined && model !== undefined) {
    return openAiEmbedder({ baseUrl, model, apiKey, clock, onRequest })
  }
  return {
    model: 'none',
    dimension: 0,
    embed: async () => {
      throw new Problem('embedding_failed', 'This platform has no embedding model of its own', {
        hint: 'Set HELIX_EMBEDDING_BASE_URL and HELIX_EMBEDDING_MODEL',
      })
    },
  }
}
