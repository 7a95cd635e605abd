import type { Clock } from '../../shared/platform/clock.ts'
import { backoffMs, DELIVERIES_MAX } from '../../shared/platform/consume.ts'
import type { Log } from '../../shared/platform/log.ts'
import { type Message, portable } from '../../shared/platform/queue.ts'
import type { Random } from '../../shared/platform/random.ts'
import { type BrokerCounts, type BrokerEvent, type BrokerEventKind, EventFeed } from './events.ts'
import { memoryStorage } from './memory-storage.ts'
import type { MessageFault, MessageFaults } from './message-faults.ts'
import type { Broker, BrokerDelivery, DeadMessage, Held, MessageState, PeekedMessage } from './port.ts'
import type { QueueStorage, StoredMessage, TakenMessage } from './storage.ts'

export interface BrokerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** In this process by default. */
  readonly storage?: QueueStorage
  /** What goes wrong on the way; nothing by default. */
  readonly faults?: MessageFaults
  /** How long a delivery counts before its message is delivered again, while somebody may still be working on it. */
  readonly visibilityMs?: number
  /** Failed tries after which a message is dead. Being told "later" is none. */
  readonly attemptsMax?: number
}

const VISIBILITY_MS = 15 * 60_000 // a minute more than the longest slice of a step
const SHARED_LOOK_MS = 1_000 // nobody tells what the broker of another process has done

export function openBroker(options: BrokerOptions): Broker {
  return new LocalBroker(options)
}

/** What an event tells of a message; some of it is not known to whoever answers. */
type Told = { readonly id: string } & Partial<Pick<StoredMessage, 'message' | 'attempt' | 'deliveries'>>

class LocalBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #storage: QueueStorage
  readonly #feed = new EventFeed()
  readonly #visibilityMs: number
  readonly #attemptsMax: number
  #stopped = false

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#storage = options.storage ?? memoryStorage()
    this.#visibilityMs = options.visibilityMs ?? VISIBILITY_MS
    this.#attemptsMax = options.attemptsMax ?? DELIVERIES_MAX
  }

  get shared(): boolean {
    return this.#storage.shared
  }

  async send(message: Message, delaySeconds = 0): Promise<void> {
    const { text, delaySeconds: delay } = portable(message, delaySeconds)
    const copy = JSON.parse(text) as Message // what arrives is what JSON makes of a message, as on every platform
    if (this.#stopped && !this.#storage.shared) return
    this.#options.log('message.sent', { ...fieldsOf(copy), delaySeconds })
    const fault = this.#options.faults?.decide('send', copy) ?? {}
    if (fault.drop === true) return this.#tell('lost', { id: '', message: copy })
    await this.#add('sent', copy, delay * 1_000, fault)
    if (fault.duplicate === true) await this.#add('duplicated', copy, delay * 1_000, fault)
  }

  async receive(max = 1): Promise<readonly BrokerDelivery[]> {
    if (this.#stopped) return []
    const now = this.#now()
    const visibleAt = new Date(now.getTime() + this.#visibilityMs)
    const lapse = `No answer within ${this.#visibilityMs / 1_000} s`
    const batch: BrokerDelivery[] = []
    for (const taken of await this.#storage.take({ now, max, visibleAt, lapse })) {
      const fault = await this.#waylay(taken, lapse)
      if (fault === null) continue
      const { id, message, attempt, deliveries } = taken
      const delivery = { id, message, token: deliveries, attempt, deliveries, visibleAt }
      this.#tell('delivered', taken)
      if (fault.reorder === true) batch.unshift(delivery)
      else batch.push(delivery)
    }
    return batch
  }

  async ack(held: Held): Promise<boolean> {
    return await this.#settle(held, 'done', { kind: 'done' })
  }

  async later(held: Held, delayMs: number): Promise<boolean> {
    const change = { kind: 'again', visibleAt: this.#in(delayMs), failed: null } as const
    return await this.#settle(held, 'later', change, { delayMs })
  }

  async fail(held: Held & Pick<BrokerDelivery, 'attempt'>, reason: string, delayMs?: number): Promise<boolean> {
    const failures = held.attempt + 1
    if (failures >= this.#attemptsMax) return await this.bury(held, reason)
    const wait = delayMs ?? backoffMs(failures, this.#options.random)
    const change = { kind: 'again', visibleAt: this.#in(wait), failed: reason } as const
    return await this.#settle(held, 'failed', change, { reason, delayMs: wait })
  }

  async bury(held: Held, reason: string): Promise<boolean> {
    return await this.#settle(held, 'dead', { kind: 'dead', reason, counts: true }, { reason })
  }

  async nextVisibleAt(): Promise<Date | null> {
    return await this.#storage.nextVisibleAt()
  }

  async peek(): Promise<readonly PeekedMessage[]> {
    const now = this.#now()
    return (await this.#storage.list()).map((one) => {
      const { id, message, attempt, deliveries, sentAt, visibleAt, reason } = one
      const { function: name, body } = message
      return { id, state: stateOf(one, now), function: name, body, attempt, deliveries, sentAt, visibleAt, reason }
    })
  }

  async dead(): Promise<readonly DeadMessage[]> {
    return (await this.#storage.list()).flatMap(({ id, message, reason, attempt, deliveries, diedAt }) =>
      diedAt === null ? [] : [{ id, message, reason: reason ?? '', attempt, deliveries, at: diedAt }],
    )
  }

  async redrive(id?: string): Promise<number> {
    const revived = await this.#storage.revive(id ?? null, this.#now())
    for (const one of revived) this.#tell('redriven', one)
    return revived.length
  }

  async purge(): Promise<number> {
    const count = await this.#storage.clear()
    this.#tell('purged', { id: '' })
    return count
  }

  async depth(): Promise<number> {
    const { ready, inFlight, later } = await this.#storage.counts(this.#now())
    return ready + inFlight + later
  }

  async idle(): Promise<void> {
    for (;;) {
      const changed = new AbortController()
      const deaf = this.onEvent(() => changed.abort())
      try {
        const { ready, inFlight } = await this.#storage.counts(this.#now())
        if (ready + inFlight === 0) return
        if (changed.signal.aborted) continue
        if (this.#storage.shared) await this.#options.clock.sleep(SHARED_LOOK_MS, changed.signal)
        else await new Promise<void>((resolve) => changed.signal.addEventListener('abort', () => resolve()))
      } finally {
        deaf()
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (!this.#storage.shared) await this.purge()
  }

  onEvent(listener: (event: BrokerEvent) => void): () => void {
    return this.#feed.listen(listener)
  }

  counts(): BrokerCounts {
    return this.#feed.counts
  }

  async #add(kind: 'sent' | 'duplicated', message: Message, delayMs: number, fault: MessageFault): Promise<void> {
    const late = fault.delayMs ?? 0
    const wait = delayMs + late
    const ahead = fault.reorder === true && wait === 0 // it counts as visible for longer than any other
    const at = { sentAt: this.#now(), visibleAt: ahead ? new Date(0) : this.#in(wait) }
    const told = { id: await this.#storage.add(message, at), message }
    this.#tell(kind, told, { delayMs: wait })
    if (late > 0) this.#tell('delayed', told, { delayMs: late })
    if (ahead) this.#tell('reordered', told)
  }

  /** Whether a message that was just taken gets to its consumer. @returns null when it does not */
  async #waylay(taken: TakenMessage, lapse: string): Promise<MessageFault | null> {
    const held = { id: taken.id, token: taken.deliveries }
    if (taken.lapsed && taken.attempt >= this.#attemptsMax) {
      await this.#settle(held, 'dead', { kind: 'dead', reason: lapse, counts: false }, { reason: lapse })
      const { attempt, deliveries } = taken
      this.#options.log('message.dead', {
        ...fieldsOf(taken.message),
        messageId: taken.id,
        attempt,
        deliveries,
        reason: lapse,
      })
      return null
    }
    const fault = this.#options.faults?.decide('delivery', taken.message) ?? {}
    if (fault.drop === true) {
      await this.#settle(held, 'lost', { kind: 'done' })
      return null
    }
    // Its first delivery only: what fails again and again would else multiply for ever.
    if (fault.duplicate === true && taken.deliveries === 1) await this.#add('duplicated', taken.message, 0, {})
    if (fault.delayMs !== undefined && fault.delayMs > 0) {
      const { delayMs } = fault
      await this.#settle(held, 'delayed', { kind: 'again', visibleAt: this.#in(delayMs), failed: null }, { delayMs })
      return null
    }
    if (fault.reorder === true) this.#tell('reordered', taken)
    return fault
  }

  async #settle(
    held: Held & Partial<BrokerDelivery>,
    kind: BrokerEventKind,
    change: Parameters<QueueStorage['settle']>[2],
    more: Partial<BrokerEvent> = {},
  ): Promise<boolean> {
    const settled = await this.#storage.settle({ id: held.id, deliveries: held.token }, this.#now(), change)
    this.#tell(settled ? kind : 'refused', { ...held, deliveries: held.token }, more)
    return settled
  }

  #tell(
    kind: BrokerEventKind,
    { id, message, attempt = 0, deliveries = 0 }: Told,
    more: Partial<BrokerEvent> = {},
  ): void {
    const [name, executionId] = [message?.function ?? '', message?.body?.execution_id ?? null]
    const told = { id, function: name, executionId, attempt, deliveries, reason: null, delayMs: 0 }
    this.#feed.tell({ kind, at: this.#now(), ...told, ...more })
  }

  #now(): Date {
    return this.#options.clock.now()
  }

  #in(ms: number): Date {
    return new Date(this.#now().getTime() + ms)
  }
}

function stateOf({ diedAt, inFlight, visibleAt }: StoredMessage, now: Date): MessageState {
  if (diedAt !== null) return 'dead'
  if (visibleAt <= now) return 'ready'
  return inFlight ? 'in_flight' : 'later'
}

function fieldsOf(message: Message): Record<string, unknown> {
  return { function: message.function, executionId: message.body?.execution_id, claim: message.body?.claim }
}
