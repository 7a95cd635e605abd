import PQueue from 'p-queue'
import type { Clock } from '../../shared/platform/clock.ts'
import { answerOf, backoffMs, DELIVERIES_MAX, laterSeconds } from '../../shared/platform/consume.ts'
import { outcomeOf } from '../../shared/platform/http/outcome.ts'
import type { Log } from '../../shared/platform/log.ts'
import { type Message, portable, type Queue } from '../../shared/platform/queue.ts'
import type { Random } from '../../shared/platform/random.ts'

const VISIBILITY_MS = 15 * 60_000 // a minute more than the longest slice of a step
const DEAD_MAX = 1_000 // the newest are kept

export interface LocalQueueOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Calls the message's function. What it answers or throws decides the message's fate, by the outcome table. */
  readonly deliver: (message: Message) => Promise<Response>
  /** Messages in flight at once. */
  readonly concurrency: number
  /** How long a function may take before its message is delivered again, while it may still be working. */
  readonly visibilityMs?: number
  /** Deliveries after which a failing message is dead. Being told "later" does not count. */
  readonly deliveriesMax?: number
}

export interface DeadMessage {
  readonly message: Message
  readonly reason: string
  readonly deliveries: number
  readonly at: Date
}

/** A queue in this process, which forgets its messages when the process ends: the store knows what is to be done. */
export interface LocalQueue extends Queue {
  /** Resolves when nothing is in flight or ready to be delivered. Delayed messages are not waited for. */
  idle(): Promise<void>
  /** Delivers nothing more, waits for what is in flight, forgets the rest. Messages sent from now on are dropped. */
  stop(): Promise<void>
  dead(): readonly DeadMessage[]
  /** Messages that are delayed, ready or in flight. */
  depth(): number
}

interface Entry {
  readonly message: Message
  failures: number
  deliveries: number
}

export function localQueue(options: LocalQueueOptions): LocalQueue {
  return new ProcessQueue(options)
}

class ProcessQueue implements LocalQueue {
  readonly #options: LocalQueueOptions
  readonly #ready: PQueue
  readonly #stopping = new AbortController()
  readonly #entries = new Set<Entry>()
  #dead: DeadMessage[] = []

  constructor(options: LocalQueueOptions) {
    this.#options = options
    this.#ready = new PQueue({ concurrency: options.concurrency })
  }

  async send(message: Message, delaySeconds = 0): Promise<void> {
    const { text, delaySeconds: delay } = portable(message, delaySeconds)
    const copy = JSON.parse(text) as Message // what arrives is what JSON makes of a message, as on every platform
    if (this.#stopping.signal.aborted) return
    this.#options.log('message.sent', { ...fieldsOf(copy), delaySeconds })
    const entry = { message: copy, failures: 0, deliveries: 0 }
    this.#entries.add(entry)
    this.#makeReady(entry, delay * 1_000)
  }

  async idle(): Promise<void> {
    await this.#ready.onIdle()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#ready.pause()
    this.#ready.clear()
    await this.#ready.onPendingZero()
    this.#entries.clear()
  }

  dead(): readonly DeadMessage[] {
    return this.#dead
  }

  depth(): number {
    return this.#entries.size
  }

  #makeReady(entry: Entry, delayMs: number): void {
    const { signal } = this.#stopping
    const deliver = () => {
      if (!signal.aborted) void this.#ready.add(() => this.#deliver(entry))
    }
    if (delayMs === 0) deliver()
    else void this.#options.clock.sleep(delayMs, signal).then(deliver)
  }

  /** Holds its place in the queue until the function answers, but decides the message's fate in time. */
  async #deliver(entry: Entry): Promise<void> {
    const { clock, deliver, visibilityMs = VISIBILITY_MS } = this.#options
    entry.deliveries++
    const answered = new AbortController()
    const answer = answerOf(async () => await deliver(entry.message)).finally(() => answered.abort())
    const timedOut = clock
      .sleep(visibilityMs, answered.signal)
      .then(() => (answered.signal.aborted ? answer : new Error(`No answer within ${visibilityMs / 1_000} s`)))
    this.#decide(entry, await Promise.race([answer, timedOut]))
    await answer
  }

  #decide(entry: Entry, answered: Response | Error): void {
    const { log, random, deliveriesMax = DELIVERIES_MAX } = this.#options
    const outcome = outcomeOf(answered)
    const fields = { ...fieldsOf(entry.message), deliveries: entry.deliveries }
    if (outcome.fate === 'acknowledge') {
      this.#entries.delete(entry)
    } else if (outcome.fate === 'fenced') {
      this.#entries.delete(entry)
      log('message.fenced', fields)
    } else if (outcome.fate === 'later') {
      const delaySeconds = laterSeconds(outcome.delaySeconds)
      log('message.delayed', { ...fields, delaySeconds })
      this.#makeReady(entry, delaySeconds * 1_000)
    } else if (outcome.fate === 'dead' || ++entry.failures >= deliveriesMax) {
      this.#bury(entry, outcome.reason)
    } else {
      const delayMs = backoffMs(entry.failures, random)
      log('message.retried', { ...fields, reason: outcome.reason, delayMs })
      this.#makeReady(entry, delayMs)
    }
  }

  #bury(entry: Entry, reason: string): void {
    const { message, deliveries } = entry
    this.#entries.delete(entry)
    this.#dead = [...this.#dead, { message, reason, deliveries, at: this.#options.clock.now() }].slice(-DEAD_MAX)
    this.#options.log('message.dead', { ...fieldsOf(message), deliveries, reason })
  }
}

function fieldsOf(message: Message): Record<string, unknown> {
  return { function: message.function, executionId: message.body.execution_id, claim: message.body.claim }
}
