import type { Clock } from '../../shared/platform/clock.ts'
import type { Embedder } from '../../shared/platform/embedder.ts'
import { mortalClaims } from '../../shared/platform/held-claims.ts'
import type { Llm } from '../../shared/platform/llm.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { contentsOf } from '../../shared/platform/platform-layer.ts'
import type { Source, Sources } from '../../shared/platform/source.ts'
import type { Faults } from './faults.ts'
import { faultyFiles, mortalFiles } from './faulty-files.ts'
import { faultyStore, mortalQueryable, mortalStore } from './faulty-store.ts'
import { InvocationCrashed, type InvocationLife } from './invocation-life.ts'

/**
 * The platform as one invocation sees it: its store and files fail as the faults decide, and it may die at any await
 * of a port. Messages and clocks are the process's, and have faults there. Parsing SQL is no await of a port.
 */
export function faultyPlatform(platform: Platform, faults: Faults, life: InvocationLife): Platform {
  return mortalPlatform(
    {
      ...contentsOf(platform),
      store: faultyStore(platform.store, faults),
      files: faultyFiles(platform.files, faults),
    },
    platform,
    life,
  )
}

/** @param live what is asked of the platform anew each time */
function mortalPlatform(platform: Omit<Platform, 'stopping'>, live: Platform, life: InvocationLife): Platform {
  const { queue, tableLists, secrets, llm } = platform
  return {
    ...platform,
    store: mortalStore(platform.store, life),
    files: mortalFiles(platform.files, life),
    sources: mortalSources(platform, life),
    queue: { send: (message, delay) => life.around('queue.send', () => queue.send(message, delay)) },
    tableLists: { read: (name) => life.around('tableLists.read', () => tableLists.read(name)) },
    secrets: {
      available: secrets.available,
      seal: (text) => life.around('secrets.seal', () => secrets.seal(text)),
      open: (sealed) => life.around('secrets.open', () => secrets.open(sealed)),
    },
    clock: mortalClock(platform.clock, life),
    llm: llm === null ? null : mortalLlm(llm, life),
    embedder: mortalEmbedder(platform.embedder, life),
    log: (event, fields) => {
      if (!life.dead) platform.log(event, fields)
    },
    defer: (work) => {
      if (!life.dead) platform.defer(life.run(() => work).catch(unlessCrashed))
    },
    dispatch: (message, handed) => life.around('dispatch', () => platform.dispatch(message, handed)),
    takesSteps: () => live.takesSteps(),
    claims: mortalClaims(platform.claims, () => !life.dead),
    get stopping() {
      return live.stopping
    },
  }
}

function mortalClock(clock: Clock, life: InvocationLife): Clock {
  return {
    timeZone: clock.timeZone,
    get simulated() {
      return clock.simulated === true
    },
    now: () => clock.now(),
    sleep: (ms, signal) => {
      const ends = signal === undefined ? life.ended : AbortSignal.any([signal, life.ended])
      return life.around('clock.sleep', () => clock.sleep(ms, ends))
    },
  }
}

/** Sources that are closed when the invocation dies, as a server closes the connections of a process that is gone. */
function mortalSources(platform: Pick<Platform, 'sources' | 'defer'>, life: InvocationLife): Sources {
  const { sources } = platform
  return {
    list: () => sources.list(),
    open: (ref) =>
      life.around('sources.open', async () => {
        const source = await sources.open(ref)
        const close = () => platform.defer(Promise.resolve(source[Symbol.asyncDispose]()))
        if (life.dead) close()
        else life.ended.addEventListener('abort', close)
        return mortalSource(source, life, () => life.ended.removeEventListener('abort', close))
      }),
  }
}

function mortalSource(source: Source, life: InvocationLife, onClose: () => void): Source {
  return {
    name: source.name,
    database: source.database,
    stopsStatements: source.stopsStatements,
    readOnly: (work, timeoutMs) =>
      life.around('source.readOnly', () =>
        source.readOnly((tx) => life.run(() => work(mortalQueryable('source.query', tx, life))), timeoutMs),
      ),
    read: (sql, limits) => life.around('source.read', () => source.read(sql, limits)),
    explain: (sql, timeoutMs) => life.around('source.explain', () => source.explain(sql, timeoutMs)),
    [Symbol.asyncDispose]: () =>
      life.around('source.close', async () => {
        onClose()
        await source[Symbol.asyncDispose]()
      }),
  }
}

function mortalLlm(llm: Llm, life: InvocationLife): Llm {
  return { model: llm.model, complete: (request) => life.around('llm.complete', () => llm.complete(request)) }
}

function mortalEmbedder(embedder: Embedder, life: InvocationLife): Embedder {
  return {
    model: embedder.model,
    get dimension() {
      return embedder.dimension
    },
    embed: (texts, signal) => life.around('embedder.embed', () => embedder.embed(texts, signal)),
  }
}

function unlessCrashed(error: unknown): void {
  if (!(error instanceof InvocationCrashed)) throw error
}
