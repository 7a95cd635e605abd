import type { FunctionDefinition } from '../../functions/manifest.ts'
import type { Files } from '../../shared/platform/files.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Message } from '../../shared/platform/queue.ts'
import type { Store } from '../../shared/platform/store.ts'
import type { Faults } from '../faults/faults.ts'
import type { Runner } from '../runner/open-runner.ts'
import type { Deliveries } from './deliveries.ts'
import { durationMs } from './durations.ts'
import type { Effects, EffectsRecorder } from './effects.ts'
import type { HelixTest, TestClock, TestCron, TestQueue, TestRequestInit } from './kit.ts'
import { dateOf } from './options.ts'
import type { PortCalls } from './port-calls.ts'
import type { ScratchFolder } from './scratch-folder.ts'
import type { TestSources } from './test-sources.ts'

export interface EnvironmentParts {
  readonly seed: number
  readonly runner: Runner
  readonly functions: readonly FunctionDefinition[]
  readonly deliveries: Deliveries
  readonly recorder: EffectsRecorder
  readonly calls: PortCalls
  readonly sources: TestSources
  /** Removed in the end. */
  readonly folder: ScratchFolder
}

const ORIGIN = 'http://helix.test'

/** What a test holds in its hands. What was recorded can still be read when it is closed; nothing else can be done then. */
export class Environment implements HelixTest {
  readonly seed: number
  readonly queue: TestQueue
  readonly cron: TestCron
  readonly clock: TestClock
  readonly files: Files
  readonly faults: Faults
  readonly #parts: EnvironmentParts
  #closing: Promise<void> | null = null

  constructor(parts: EnvironmentParts) {
    const { seed, runner, deliveries } = parts
    this.#parts = parts
    this.seed = seed
    this.files = runner.platform.files
    this.faults = runner.faults
    this.queue = {
      drain: () => this.#doing('queue.drain', () => deliveries.drain()),
      get delivered() {
        return deliveries.all
      },
      send: (message, delaySeconds) => this.#doing('queue.send', () => this.#send(message as Message, delaySeconds)),
      peek: () => this.#doing('queue.peek', () => runner.queue.peek()),
      dead: () => this.#doing('queue.dead', () => runner.queue.dead()),
      redrive: (id) => this.#doing('queue.redrive', () => runner.queue.redrive(id)),
    }
    this.cron = {
      list: () => runner.schedule.list(),
      fire: (name, at) => this.#doing('cron.fire', () => this.#fire(name, at)),
    }
    this.clock = {
      now: () => runner.clock.now(),
      advance: (by) => this.#doing('clock.advance', () => this.#advance(durationMs(by))),
    }
  }

  get effects(): Effects {
    return this.#parts.recorder.effects
  }

  get store(): Store {
    return this.platform.store
  }

  get platform(): Platform {
    this.#assertOpen('platform')
    return this.#parts.runner.platform
  }

  async fetch(input: string | URL | Request, init: TestRequestInit = {}): Promise<Response> {
    const target = input instanceof Request ? input : new URL(input, ORIGIN)
    const request = new Request(target, 'json' in init ? jsonInit(init) : init)
    return await this.#doing('fetch', () => this.#parts.runner.fetch(request))
  }

  async idle(): Promise<void> {
    await this.#doing('idle', () => this.#parts.deliveries.drain())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    const { runner, deliveries, calls, sources, folder } = this.#parts
    deliveries.stop()
    const stopped = runner.stop()
    await calls.rest()
    // Whoever waits for a clock that stands would be waited for in vain: those are left where they are.
    const waits = runner.invocations.list().some(({ durationMs: ms, trigger }) => ms === null && trigger !== 'queue')
    if (waits) await runner.platform.store.close()
    else await stopped
    await sources.close()
    await folder.remove()
  }

  async #send(message: Message, delaySeconds?: number): Promise<void> {
    const known = this.#parts.functions.filter(({ trigger }) => trigger === 'queue').map(({ name }) => name)
    assertKnown('queue function', message.function, known)
    await this.#parts.runner.queue.send(message, delaySeconds)
  }

  async #fire(name: string, at?: Date | string) {
    const { schedule } = this.#parts.runner
    const known = schedule.list().map((entry) => entry.name)
    assertKnown('scheduled function', name, known)
    const response = await schedule.fire(name, at === undefined ? undefined : dateOf(at, 'at'))
    if (response === null) return null
    const answer: unknown = await response.json().catch(() => null)
    return { status: response.status, answer }
  }

  async #advance(ms: number): Promise<void> {
    const { runner, deliveries } = this.#parts
    try {
      await runner.clock.advance(ms)
    } finally {
      deliveries.unfollow()
    }
    await deliveries.drain()
  }

  /** Does something, then looks at what it has changed. */
  async #doing<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#assertOpen(name)
    const { recorder, runner } = this.#parts
    try {
      return await work()
    } finally {
      if (this.#closing === null) await recorder.look(runner.platform.store)
    }
  }

  /** @throws {Error} when it is closed */
  #assertOpen(name: string): void {
    if (this.#closing === null) return
    throw new Error(`${name}: this environment is closed. Use it within the block of its \`await using\``)
  }
}

/** @throws {RangeError} that tells the names there are */
function assertKnown(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new RangeError(`There is no ${what} "${name}": there are ${known.join(', ')}`)
}

function jsonInit({ json, ...init }: TestRequestInit): RequestInit {
  const headers = new Headers(init.headers)
  headers.set('content-type', 'application/json')
  return { method: 'POST', ...init, headers, body: JSON.stringify(json) }
}
