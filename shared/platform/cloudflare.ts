import type { Queue as CloudflareQueue, ExecutionContext, Hyperdrive, R2Bucket } from '@cloudflare/workers-types'
import pg from 'pg'
import type { Clock } from './clock.ts'
import { r2Files } from './cloudflare-files.ts'
import { cloudflareQueue } from './cloudflare-queue.ts'
import { cloudflareSources } from './cloudflare-sources.ts'
import { type Config, parseConfig } from './config.ts'
import type { Embedder } from './embedder.ts'
import { readText } from './files.ts'
import type { Llm } from './llm.ts'
import { jsonLinesLog } from './log.ts'
import { openAiEmbedder, openAiLlm } from './openai.ts'
import { pgQueryParser } from './pg-query-parser.ts'
import type { Platform } from './platform.ts'
import { postgresStore } from './postgres-store.ts'
import { Problem } from './problems.ts'
import { randomId } from './random.ts'
import { secretsWith } from './secrets.ts'

/** What wrangler.toml binds. Settings and secrets are strings beside these, a source may be a Hyperdrive too. */
export interface CloudflareEnv {
  readonly STORE: Hyperdrive
  readonly QUEUE: CloudflareQueue
  readonly DEAD_LETTERS: CloudflareQueue
  readonly FILES: R2Bucket
  readonly [name: string]: unknown
}

export interface CloudflareOptions {
  /** Reaches a function of the manifest, which this file can't know. */
  readonly dispatch: (platform: Platform, message: Parameters<Platform['dispatch']>[0]) => Promise<Response>
  /** How long this kind of invocation may take; null when nothing but its caller ends it. */
  readonly limitMs: number | null
}

/** A platform for one invocation: connections can't be shared between two of them. */
export interface CloudflarePlatform {
  readonly platform: Platform
  /** Waits for all deferred work, also for what that defers, and ends the connection to the store. */
  close(): Promise<void>
}

const CONNECT_MS_MAX = 5_000
const TABLE_LISTS = 'table_lists' // the folder of the bucket where table lists are put
const SOURCE_BINDING = /^HELIX_SOURCE_[A-Z0-9_]+$/

/** @throws {ConfigError} naming every bad variable */
export function openCloudflarePlatform(
  env: CloudflareEnv,
  context: Pick<ExecutionContext, 'waitUntil'>,
  { dispatch, limitMs }: CloudflareOptions,
): CloudflarePlatform {
  const config = configOf(env)
  const clock = workerClock(config)
  const files = r2Files(env.FILES, config.HELIX_FILES_ROOT)
  // biome-ignore lint/suspicious/noConsole: a Worker's only output; Workers Logs reads each line as JSON
  const log = jsonLinesLog({ now: clock.now, level: config.HELIX_LOG_LEVEL, write: (line) => console.log(line) })
  const pool = new pg.Pool({
    connectionString: env.STORE.connectionString,
    max: 1, // Hyperdrive pools; an invocation may have six connections in all, and a source takes four
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: 0, // the invocation ends before an idle connection would bother anybody
    application_name: 'helix',
  })
  const store = postgresStore({ pool, kind: 'server' })
  const deferred = new Set<Promise<unknown>>()
  const platform: Platform = {
    config,
    store,
    sources: cloudflareSources(config),
    queue: cloudflareQueue(env.QUEUE),
    files,
    tableLists: { read: (name) => readText(files, `${TABLE_LISTS}/${name}`) },
    clock,
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    log,
    secrets: secretsWith(config.HELIX_SECRET_KEY),
    llm: llmOf(config, clock),
    embedder: embedderOf(config, clock),
    sqlParser: pgQueryParser(),
    defer(work) {
      const kept: Promise<unknown> = work
        .catch((cause: unknown) => log('background.failed', { what: 'deferred work', message: String(cause) }))
        .finally(() => deferred.delete(kept))
      deferred.add(kept)
      context.waitUntil(kept)
    },
    dispatch: (message) => dispatch(platform, message),
    workerId: `cloudflare:${randomId(() => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32)}`,
    deadline: limitMs === null ? null : new Date(clock.now().getTime() + limitMs),
    stopping: new AbortController().signal, // a Worker is never asked: it has a deadline instead
  }
  return {
    platform,
    async close() {
      while (deferred.size > 0) await Promise.all(deferred)
      await store.close()
    },
  }
}

function configOf(env: CloudflareEnv): Config {
  const settings: Record<string, string> = { DATABASE_URL: env.STORE.connectionString }
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') settings[name] = value
    else if (SOURCE_BINDING.test(name)) settings[`${name}_URL`] = (value as Hyperdrive).connectionString
  }
  return parseConfig(settings)
}

function workerClock(config: Config): Clock {
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

function llmOf(config: Config, clock: Clock): Llm | null {
  const { HELIX_LLM_BASE_URL: baseUrl, HELIX_LLM_MODEL: model, HELIX_LLM_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return null
  return openAiLlm({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
}

/** The embedded model is too large for a Worker, so that without an endpoint nothing can be embedded. */
function embedderOf(config: Config, clock: Clock): Embedder {
  const { HELIX_EMBEDDING_BASE_URL: baseUrl, HELIX_EMBEDDING_MODEL: model, HELIX_EMBEDDING_API_KEY: apiKey } = config
  if (baseUrl !== undefined && model !== undefined) {
    return openAiEmbedder({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
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
