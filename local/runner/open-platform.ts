import { join } from 'node:path'
import type { Triggers } from '../../functions/triggers.ts'
import type { Clock } from '../../shared/platform/clock.ts'
import type { Config } from '../../shared/platform/config.ts'
import type { Embedder } from '../../shared/platform/embedder.ts'
import type { Llm } from '../../shared/platform/llm.ts'
import type { Log } from '../../shared/platform/log.ts'
import { pgQueryParser } from '../../shared/platform/pg-query-parser.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import type { Queue } from '../../shared/platform/queue.ts'
import { secretsWith } from '../../shared/platform/secrets.ts'
import type { Store } from '../../shared/platform/store.ts'
import { diskFiles } from '../drivers/disk-files.ts'
import { openEmbeddedStore } from '../drivers/embedded-store.ts'
import { type LocalSources, localSources } from '../drivers/local-sources.ts'
import { migrate } from '../drivers/migrate.ts'
import { sentenceEmbedder } from '../drivers/sentence-embedder.ts'
import { systemRandom } from '../drivers/system-random.ts'
import { tableLists } from '../drivers/table-lists.ts'
import { templateCacheDir } from '../drivers/template-cache.ts'
import { Deferred } from './deferred.ts'
import type { InvocationName } from './envelope/invocation.ts'
import { EnvelopeWatch } from './envelope/watch.ts'
import { watchedPlatform } from './envelope/watched-platform.ts'
import type { StepRoom } from './step-room.ts'

export interface LocalPlatform {
  readonly platform: Platform
  /** Runs one invocation of a function, held to the portable envelope. */
  invoke(name: InvocationName, work: (platform: Platform) => Promise<Response>): Promise<Response>
  readonly envelope: EnvelopeWatch
  readonly deferred: Deferred
  /** Asks every step to checkpoint and hand its work back. */
  requestStop(): void
  close(): Promise<void>
}

export interface LocalPlatformOptions {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly workerId: string
  readonly queue: Queue
  readonly triggers: Pick<Triggers, 'dispatch'>
  /** Counts the steps that run here. */
  readonly room: StepRoom
  /** One of its own by default. */
  readonly envelope?: EnvelopeWatch
}

/** The whole platform on one machine: an embedded or a real store, files on disk, everything else in this process. */
export async function openLocalPlatform(options: LocalPlatformOptions): Promise<LocalPlatform> {
  const { config, clock, log, workerId, queue, triggers, room } = options
  const envelope = options.envelope ?? new EnvelopeWatch({ mode: config.HELIX_ENVELOPE, log })
  const store = await openStore(config, log)
  const sources: LocalSources = localSources({ config, dataDir: config.HELIX_DATA_DIR })
  const deferred = new Deferred(log)
  const stopping = new AbortController()
  const platform: Platform = {
    config,
    store,
    sources,
    queue,
    files: diskFiles(config.HELIX_FILES_ROOT),
    tableLists: tableLists({ dir: config.HELIX_TABLE_LISTS_DIR, filesRoot: config.HELIX_FILES_ROOT, sources }),
    clock,
    random: systemRandom,
    log,
    secrets: secretsWith(config.HELIX_SECRET_KEY),
    llm: await openLlm(config, clock),
    embedder: await openEmbedder(config, clock),
    sqlParser: pgQueryParser(),
    defer: (work) => deferred.add(work),
    dispatch: (message) =>
      room.run(() => invoke(nameOf(message), async (watched) => await triggers.dispatch(watched, message))),
    workerId,
    deadline: null,
    stopping: stopping.signal,
  }
  const invoke: LocalPlatform['invoke'] = (name, work) =>
    envelope.run(name, async (invocation) => {
      const release = invocation.stopWith(stopping.signal)
      try {
        return await work(watchedPlatform(platform, sources, invocation))
      } finally {
        release()
      }
    })
  return {
    platform,
    invoke,
    envelope,
    deferred,
    requestStop: () => stopping.abort(),
    close: async () => {
      await sources.close()
      await store.close()
    },
  }
}

/** A message's function, and its execution where it names one. */
function nameOf({ function: name, body }: { function: string; body: unknown }): InvocationName {
  const executionId =
    typeof body === 'object' && body !== null && 'execution_id' in body ? body.execution_id : undefined
  return typeof executionId === 'string' ? { function: name, executionId } : { function: name }
}

/** Opens the store that the configuration names and brings it to the newest schema. */
async function openStore(config: Config, log: Log): Promise<Store> {
  if (config.DATABASE_URL === undefined) {
    const { store, migrated } = await openEmbeddedStore(
      join(config.HELIX_DATA_DIR, 'store'),
      await templateCacheDir(config.HELIX_DATA_DIR),
    )
    if (migrated.length > 0) log('store.migrated', { migrations: migrated })
    return store
  }
  const pool = serverPool(config.DATABASE_URL)
  const migrated = await migrate(pool)
  if (migrated.length > 0) log('store.migrated', { migrations: migrated })
  return postgresStore({ pool, kind: 'server' })
}

/** The client of the endpoint is loaded only where one is configured: it takes a fifth of a start. */
async function openLlm(config: Config, clock: Clock): Promise<Llm | null> {
  const { HELIX_LLM_BASE_URL: baseUrl, HELIX_LLM_MODEL: model, HELIX_LLM_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return null
  const { openAiLlm } = await import('../../shared/platform/openai.ts')
  return openAiLlm({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
}

async function openEmbedder(config: Config, clock: Clock): Promise<Embedder> {
  const { HELIX_EMBEDDING_BASE_URL: baseUrl, HELIX_EMBEDDING_MODEL: model, HELIX_EMBEDDING_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return sentenceEmbedder()
  const { openAiEmbedder } = await import('../../shared/platform/openai.ts')
  return openAiEmbedder({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
}
