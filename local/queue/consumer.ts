import PQueue from 'p-queue'
import { settle } from '../../shared/platform/consume.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Bell } from './bell.ts'
import type { Broker, BrokerDelivery } from './port.ts'

/** What a delivery needs of a platform. */
export type ConsumerPlatform = Pick<Platform, 'dispatch' | 'log' | 'clock' | 'random'>

export interface ConsumerOptions {
  readonly broker: Broker
  readonly platform: ConsumerPlatform
  /** Invocations at once. */
  readonly concurrency: number
  /** Messages that one invocation may get; one by default. */
  readonly batchSize?: number
  /** How long an invocation waits for its batch to fill, from the first message on; not at all by default. */
  readonly batchWaitMs?: number
  /** What an invocation does with its batch; by default each message goes to its function, one after another. */
  readonly invoke?: (batch: readonly BrokerDelivery[]) => Promise<void>
}

export interface Consumer {
  /** Resolves when nothing is ready or in flight and no function works. What comes later is not waited for. */
  idle(): Promise<void>
  /** Takes nothing more and waits for the functions that work. */
  stop(): Promise<void>
}

const TROUBLE_MS = 1_000 // before a broker whose storage fails is asked again
const SHARED_LOOK_MS = 1_000 // nobody tells what another process has sent

/** Hands messages to functions as they become ready, until it is stopped. */
export function startConsumer(options: ConsumerOptions): Consumer {
  return new LoopingConsumer(options)
}

/**
 * Hands one message to its function, and tells the broker what came of it by the outcome table. Never throws of the
 * function's doing.
 * @returns whether the broker took the answer: false when the message has become visible again meanwhile
 */
export async function deliver(broker: Broker, platform: ConsumerPlatform, delivery: BrokerDelivery): Promise<boolean> {
  const { id, message, deliveries, attempt } = delivery
  let buried: boolean | null = null
  const settlement = await settle(platform, { id, message, deliveries, attempt: attempt + 1 }, async ({ reason }) => {
    buried = await broker.bury(delivery, reason)
  })
  if (buried !== null) return buried
  if (settlement.kind === 'done') return await broker.ack(delivery)
  const delayMs = settlement.delaySeconds * 1_000
  if (settlement.failed === null) return await broker.later(delivery, delayMs)
  return await broker.fail(delivery, settlement.failed, delayMs)
}

class LoopingConsumer implements Consumer {
  readonly #options: ConsumerOptions
  readonly #invocations: PQueue
  readonly #bell = new Bell()
  readonly #deaf: () => void
  readonly #loop: Promise<void>
  #stopping = false

  constructor(options: ConsumerOptions) {
    this.#options = options
    this.#invocations = new PQueue({ concurrency: options.concurrency })
    this.#deaf = options.broker.onEvent(() => this.#bell.ring())
    this.#invocations.on('next', () => this.#bell.ring()) // a place is free
    this.#loop = this.#run()
  }

  async idle(): Promise<void> {
    await this.#options.broker.idle()
    await this.#invocations.onIdle()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#bell.ring()
    await this.#loop
    await this.#invocations.onIdle()
    this.#deaf()
  }

  async #run(): Promise<void> {
    const { platform, concurrency } = this.#options
    while (!this.#stopping) {
      this.#bell.listen()
      try {
        const free = this.#invocations.pending + this.#invocations.size < concurrency
        const batch = free ? await this.#gather() : []
        if (batch.length > 0) this.#start(batch)
        else await this.#wait(free)
      } catch (cause) {
        platform.log('background.failed', { what: 'receive messages', message: String(cause) })
        await platform.clock.sleep(TROUBLE_MS, this.#bell.signal)
      }
    }
  }

  /** What is ready, and what becomes ready while the batch may wait to be filled. */
  async #gather(): Promise<readonly BrokerDelivery[]> {
    const { broker, platform, batchSize = 1, batchWaitMs = 0 } = this.#options
    const batch = [...(await broker.receive(batchSize))]
    const endsAt = platform.clock.now().getTime() + batchWaitMs
    while (batch.length > 0 && batch.length < batchSize && !this.#stopping) {
      const left = endsAt - platform.clock.now().getTime()
      if (left <= 0) break
      this.#bell.listen()
      const more = await broker.receive(batchSize - batch.length)
      batch.push(...more)
      if (more.length === 0) await this.#sleepUntilReady(left)
    }
    return batch
  }

  #start(batch: readonly BrokerDelivery[]): void {
    const invoke = this.#options.invoke ?? ((given) => this.#deliverAll(given))
    void this.#invocations.add(async () => {
      try {
        await invoke(batch)
      } catch (cause) {
        // They come again when their time is over: their fate could not be written down.
        this.#options.platform.log('background.failed', { what: 'settle messages', message: String(cause) })
      }
    })
  }

  async #deliverAll(batch: readonly BrokerDelivery[]): Promise<void> {
    const { broker, platform } = this.#options
    for (const delivery of batch) {
      if (this.#stopping && batch.length > 1) await broker.later(delivery, 0)
      else await deliver(broker, platform, delivery)
    }
  }

  async #wait(free: boolean): Promise<void> {
    if (free) await this.#sleepUntilReady(Number.POSITIVE_INFINITY)
    else await this.#bell.rung()
  }

  /** Until the bell rings, a message becomes visible, or that much time has passed. */
  async #sleepUntilReady(msMax: number): Promise<void> {
    const { broker, platform } = this.#options
    const next = await broker.nextVisibleAt()
    const untilNext = next === null ? Number.POSITIVE_INFINITY : next.getTime() - platform.clock.now().getTime()
    const ms = Math.min(msMax, untilNext, broker.shared ? SHARED_LOOK_MS : Number.POSITIVE_INFINITY)
    if (ms === Number.POSITIVE_INFINITY) await this.#bell.rung()
    else if (ms > 0) await platform.clock.sleep(ms, this.#bell.signal)
  }
}
