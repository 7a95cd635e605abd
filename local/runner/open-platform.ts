import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Triggers } from '../../functions/triggers.ts'
import { budgetedPlatform, budgetedSources } from '../../shared/ops/errors/budgeted-platform.ts'
import { ErrorBudgets } from '../../shared/ops/errors/error-budgets.ts'
import type { Clock } from '../../shared/platform/clock.ts'
import type { Config } from '../../shared/platform/config.ts'
import type { DeadLetters } from '../../shared/platform/dead-letters.ts'
import type { Embedder } from '../../shared/platform/embedder.ts'
import { heldClaims } from '../../shared/platform/held-claims.ts'
import type { Llm } from '../../shared/platform/llm.ts'
import type { Log } from '../../shared/platform/log.ts'
import type { PoolReading } from '../../shared/platform/machine.ts'
import type { Mail } from '../../shared/platform/mail.ts'
import { pgQueryParser } from '../../shared/platform/pg-query-parser.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { openServerStore, serverPool } from '../../shared/platform/postgres-store.ts'
import type { Queue } from '../../shared/platform/queue.ts'
import type { Random } from '../../shared/platform/random.ts'
import { requestFigures } from '../../shared/platform/request-figures.ts'
import { secretsWith } from '../../shared/platform/secrets.ts'
import type { Store } from '../../shared/platform/store.ts'
import { quickJsModule } from '../../shared/sandbox/quickjs-node.ts'
import type { StoreWork } from '../clock/store-work.ts'
import type { Call, Invocations } from '../control/invocations.ts'
import { diskFiles } from '../drivers/disk-files.ts'
import { openEmbeddedStore } from '../drivers/embedded-store.ts'
import { type LocalSources, localSources } from '../drivers/local-sources.ts'
import { migrate } from '../drivers/migrate.ts'
import { watchPool } from '../drivers/pool-watch.ts'
import { sandboxThreadScript } from '../drivers/sandbox-thread-script.ts'
import { sandboxThreads } from '../drivers/sandbox-threads.ts'
import { sentenceEmbedder } from '../drivers/sentence-embedder.ts'
import { systemMachine } from '../drivers/system-machine.ts'
import { systemRandom } from '../drivers/system-random.ts'
import { tableLists } from '../drivers/table-lists.ts'
import { templateCacheDir } from '../drivers/template-cache.ts'
import type { Faults } from '../faults/faults.ts'
import { faultyPlatform } from '../faults/faulty-platform.ts'
import { Deferred } from './deferred.ts'
import type { InvocationName } from './envelope/invocation.ts'
import { EnvelopeWatch } from './envelope/watch.ts'
import { watchedPlatform } from './envelope/watched-platform.ts'
import { type StepRoom, takesRoom } from './step-room.ts'

export interface LocalPlatform {
  readonly platform: Platform
  /** Runs one invocation of a function, held to the portable envelope. A cron tick unless `call` says otherwise. */
  invoke(name: InvocationName, work: (platform: Platform) => Promise<Response>, call?: Call): Promise<Response>
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
  readonly deadLetters?: DeadLetters | undefined
  readonly triggers: Pick<Triggers, 'dispatch'>
  /** Whether steps run here at all; off by default. */
  readonly steps?: boolean
  /** Counts the steps that run here. */
  readonly room: StepRoom
  /** One of its own by default. */
  readonly envelope?: EnvelopeWatch
  readonly random?: Random
  /** What goes wrong within invocations; nothing by default. */
  readonly faults?: Faults
  /** Keeps what is invoked; nobody does by default. */
  readonly invocations?: Invocations
  /** Counts what is asked of the store; nobody does by default. */
  readonly storeWork?: StoreWork
  /** Told when this process should be started again; given only where somebody does that. */
  readonly onRestartAsked?: ((reason: string) => void) | undefined
  /** How functions see the platform, beneath what faults do to it; as it is by default. */
  readonly wrap?: (platform: Platform) => Platform
}

/** The whole platform on one machine: an embedded or a real store, files on disk, everything else in this process. */
export async function openLocalPlatform(options: LocalPlatformOptions): Promise<LocalPlatform> {
  const { config, clock, log, workerId, queue, triggers, room, random = systemRandom, faults, invocations } = options
  const { store: opened, ...connections } = await openStore(config, log)
  const store = options.storeWork?.counting(opened) ?? opened
  const machine = systemMachine({ filesRoot: config.HELIX_FILES_ROOT, ...connections })
  const sources: LocalSources = localSources({ config, dataDir: config.HELIX_DATA_DIR })
  const deferred = new Deferred(log)
  const sandbox = sandboxThreads({ module: quickJsModule, script: sandboxThreadScript })
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // of whatever lasts as long as the process
  const watched = { mode: config.HELIX_ENVELOPE, log, stopping: stopping.signal }
  const envelope = options.envelope ?? new EnvelopeWatch(watched)
  const wrap = options.wrap ?? ((whole: Platform) => whole)
  const bare: Platform = {
    config,
    store,
    sources,
    queue,
    deadLetters: options.deadLetters,
    files: diskFiles(config.HELIX_FILES_ROOT),
    tableLists: tableLists({ dir: config.HELIX_TABLE_LISTS_DIR, filesRoot: config.HELIX_FILES_ROOT, sources }),
    clock,
    random,
    log,
    machine,
    requests: requestFigures(),
    mail: await openMail(config),
    secrets: secretsWith(config.HELIX_SECRET_KEY),
    llm: await openLlm(config, clock),
    embedder: await openEmbedder(config, clock),
    sqlParser: pgQueryParser(),
    sandbox,
    defer: (work) => deferred.add(work),
    dispatch: (message, handed) => {
      const call = () =>
        invoke(nameOf(message), async (watched) => await triggers.dispatch(watched, message, handed), {
          trigger: 'queue',
          message,
        })
      return takesRoom(message.function) ? room.run(call) : call()
    },
    ...(options.onRestartAsked === undefined ? {} : { restart: { ask: options.onRestartAsked } }),
    takesSteps: () => options.steps === true && room.free > 0 && !stopping.signal.aborted,
    workerId,
    claims: heldClaims(),
    deadline: null,
    stopping: stopping.signal,
  }
  const budgets = new ErrorBudgets()
  const platform = budgetedPlatform(bare, budgets)
  const watchable: LocalSources = {
    ...sources,
    watchedBy: (onConnections) => budgetedSources(sources.watchedBy(onConnections), bare, budgets),
  }
  const mortal = async (name: string, watched: Platform, work: (platform: Platform) => Promise<Response>) => {
    if (faults === undefined || faults.calm) return await work(watched)
    const life = faults.invocation(name)
    return await life.run(() => work(faultyPlatform(watched, faults, life)))
  }
  const invoke: LocalPlatform['invoke'] = (name, work, call = { trigger: 'cron', at: null }) =>
    envelope.run(name, async (invocation) => {
      const run = (seen: Platform) => mortal(name.function, wrap(watchedPlatform(seen, watchable, invocation)), work)
      if (invocations === undefined) return await run(platform)
      return await invocations.record(name.function, call, log, (counting) => run({ ...platform, log: counting }))
    })
  return {
    platform: wrap(platform),
    invoke,
    envelope,
    deferred,
    requestStop: () => stopping.abort(),
    close: async () => {
      machine.close()
      await sandbox.close()
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

interface OpenedStore {
  readonly store: Store
  readonly pool: () => PoolReading
  readonly reclaimConnections?: (olderThanMs: number) => number
}

/** Opens the store that the configuration names and brings it to the newest schema. */
async function openStore(config: Config, log: Log): Promise<OpenedStore> {
  if (config.DATABASE_URL === undefined) {
    const { store, pool, migrated } = await openEmbeddedStore(
      join(config.HELIX_DATA_DIR, 'store'),
      await templateCacheDir(config.HELIX_DATA_DIR),
    )
    if (migrated.length > 0) log('store.migrated', { migrations: migrated })
    // Its one connection is the database itself: whoever holds it can't be helped by another.
    return { store, pool: watchPool(pool).read }
  }
  const migrating = serverPool(config.DATABASE_URL, undefined, 'helix migrate')
  const migrated = await migrate(migrating).finally(() => migrating.end())
  if (migrated.length > 0) log('store.migrated', { migrations: migrated })
  const { store, pool } = openServerStore(config.DATABASE_URL)
  const { read, reclaim } = watchPool(pool)
  return { store, pool: read, reclaimConnections: reclaim }
}

/** The client of the endpoint is loaded only where one is configured: it takes a fifth of a start. */
async function openLlm(config: Config, clock: Clock): Promise<Llm | null> {
  const { HELIX_LLM_BASE_URL: baseUrl, HELIX_LLM_MODEL: model, HELIX_LLM_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return null
  const { openAiLlm } = await import('../../shared/platform/openai.ts')
  return openAiLlm({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
}

/** Loaded only where letters are wanted. */
async function openMail(config: Config): Promise<Mail | null> {
  if (config.HELIX_SMTP_URL === undefined) return null
  const { smtpMail } = await import('../../shared/platform/smtp-mail.ts')
  return smtpMail(config.HELIX_SMTP_URL)
}

async function openEmbedder(config: Config, clock: Clock): Promise<Embedder> {
  const { HELIX_EMBEDDING_BASE_URL: baseUrl, HELIX_EMBEDDING_MODEL: model, HELIX_EMBEDDING_API_KEY: apiKey } = config
  if (baseUrl === undefined || model === undefined) return sentenceEmbedder()
  const { openAiEmbedder } = await import('../../shared/platform/openai.ts')
  return openAiEmbedder({ baseUrl, model, clock, ...(apiKey === undefined ? {} : { apiKey }) })
}
