import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FunctionDefinition } from '../../functions/manifest.ts'
import { diskFiles } from '../../local/drivers/disk-files.ts'
import { steadyMs } from '../../local/drivers/system-clock.ts'
import { parseConfig } from '../../shared/platform/config.ts'
import { heldClaims } from '../../shared/platform/held-claims.ts'
import type { LogEvent } from '../../shared/platform/log.ts'
import { unseenMachine } from '../../shared/platform/machine.ts'
import { pgQueryParser } from '../../shared/platform/pg-query-parser.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Message } from '../../shared/platform/queue.ts'
import { seededRandom } from '../../shared/platform/random.ts'
import { requestFigures } from '../../shared/platform/request-figures.ts'
import { secretsWith } from '../../shared/platform/secrets.ts'
import type { Sources } from '../../shared/platform/source.ts'
import { inlineSandbox } from '../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../shared/sandbox/quickjs-node.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { openTestStore, type TestStore } from './test-store.ts'
import { tinyEmbedder } from './tiny-embedder.ts'

export interface TestPlatform extends Platform, AsyncDisposable {
  readonly store: TestStore
  readonly clock: ManualClock
  /** Every message that was sent, in order; nobody receives them. */
  readonly sent: SentMessage[]
  readonly logged: LoggedEvent[]
  /** Where its files are on this machine; they are shown below the usual root. */
  readonly filesDir: string
  /** Waits for all deferred work, also for what that defers. */
  settled(): Promise<void>
  /** Asks the process to stop. */
  stop(): void
}

export interface SentMessage extends Message {
  readonly delaySeconds: number
}

export interface LoggedEvent {
  readonly event: LogEvent
  readonly fields: Record<string, unknown>
}

export interface TestPlatformOptions extends Partial<Omit<Platform, 'store' | 'clock' | 'config'>> {
  /** Left open when given: several platforms may share one, as several processes do. */
  readonly store?: TestStore
  readonly clock?: ManualClock
  /** Environment variables to configure with. */
  readonly env?: Readonly<Record<string, string>>
  /** What `dispatch` reaches: the functions of a manifest. */
  readonly functions?: readonly FunctionDefinition[]
}

const testSandbox = inlineSandbox({ module: quickJsModule, steadyMs }) // keeps nothing from one run to the next

/** A whole platform for tests: a store and files of its own, a clock that stands still, seeded chance, no sources, no model. */
export async function testPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const { env = {}, functions = [], ...overrides } = options
  const config = parseConfig(env)
  const store = options.store ?? (await openTestStore())
  const clock = options.clock ?? manualClock()
  const filesDir = await mkdtemp(join(tmpdir(), 'helix-files-'))
  const sent: SentMessage[] = []
  const logged: LoggedEvent[] = []
  const stopping = new AbortController()
  const deferred = new Set<Promise<unknown>>()
  const platform: TestPlatform = {
    config,
    sources: sourcesOf([]),
    queue: {
      send: async (message, delaySeconds = 0) => {
        sent.push({ ...(message as Message), delaySeconds })
      },
    },
    files: { ...diskFiles(filesDir), root: config.HELIX_FILES_ROOT },
    tableLists: { read: async () => null },
    random: seededRandom(1),
    log: (event, fields = {}) => {
      logged.push({ event, fields })
    },
    machine: unseenMachine(),
    mail: null,
    requests: requestFigures(),
    secrets: secretsWith(config.HELIX_SECRET_KEY),
    llm: null,
    embedder: tinyEmbedder(),
    sqlParser: pgQueryParser(),
    sandbox: testSandbox,
    defer: (work) => {
      const kept = work.catch((error: unknown) => {
        logged.push({ event: 'background.failed', fields: { message: String(error) } })
      })
      deferred.add(kept)
      void kept.then(() => deferred.delete(kept))
    },
    dispatch: (message, handed) => dispatch(platform, functions, message, handed),
    takesSteps: () => false,
    workerId: 'test:1',
    claims: heldClaims(),
    deadline: null,
    stopping: stopping.signal,
    ...overrides,
    store,
    clock,
    sent,
    logged,
    filesDir,
    async settled() {
      while (deferred.size > 0) await Promise.all(deferred)
    },
    stop: () => stopping.abort(),
    async [Symbol.asyncDispose]() {
      await platform.settled()
      if (options.store === undefined) await store.close()
      await rm(filesDir, { recursive: true, force: true })
    },
  }
  return platform
}

/** Sources by name, as a configuration would give them. */
export function sourcesOf(entries: readonly { readonly name: string; readonly open: Sources['open'] }[]): Sources {
  return {
    list: () => entries.map(({ name }) => ({ name, kind: 'server', address: `localhost:5432/${name}` })),
    open: async (ref) => {
      const entry = entries.find(({ name }) => name === ref.name)
      if (entry === undefined) throw new Problem('source_not_found', `Cannot find the source "${ref.name}"`)
      return await entry.open(ref)
    },
  }
}

async function dispatch(
  platform: Platform,
  functions: readonly FunctionDefinition[],
  message: { readonly function: string; readonly body: unknown },
  handed?: unknown,
): Promise<Response> {
  const found = functions.find(({ name }) => name === message.function)
  if (found === undefined) throw new Error(`No function "${message.function}" was given to the test platform`)
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message.body) }
  return await found.app.request(`/steps/${message.function}`, init, { platform, handed })
}
