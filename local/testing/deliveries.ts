import type { Clock } from '../../shared/platform/clock.ts'
import type { AdjustableClock } from '../clock/adjustable-clock.ts'
import { type ConsumerPlatform, deliver } from '../queue/consumer.ts'
import type { BrokerEvent } from '../queue/events.ts'
import type { Broker, BrokerDelivery } from '../queue/port.ts'
import type { PortCalls } from './port-calls.ts'

/** One delivery of a message and what came of it. */
export interface Delivered {
  readonly function: string
  readonly body: unknown
  /** Which try it was, from 1. */
  readonly attempt: number
  /** `waits`: the function waits for the clock. `refused`: its answer came after another delivery. */
  readonly outcome: 'done' | 'later' | 'failed' | 'dead' | 'refused' | 'waits'
  /** What the function answered; null where it threw or crashed, or has not answered yet. */
  readonly status: number | null
  /** Why it failed or is dead. */
  readonly reason: string | null
  /** How long until it comes again. */
  readonly delayMs: number
}

export interface DeliveriesOptions {
  readonly broker: Broker
  readonly platform: ConsumerPlatform
  readonly calls: PortCalls
}

type Change = Pick<Delivered, 'outcome' | 'reason' | 'delayMs'>
type Record_ = { -readonly [Key in keyof Delivered]: Delivered[Key] }

const DELIVERIES_MAX = 1_000 // of one drain: whoever gets there sends messages for ever
const OUTCOMES = ['done', 'later', 'failed', 'dead', 'refused'] as const

/** Delivers messages one after the other, only when it is told to. */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #told: Record_[] = []
  readonly #underWay = new Map<string, Record_>()
  readonly #deaf: () => void
  #turn: Promise<unknown> = Promise.resolve()
  #alarm: { readonly atMs: number; readonly off: AbortController } | null = null

  constructor(options: DeliveriesOptions) {
    this.#options = options
    this.#deaf = options.broker.onEvent((event) => this.#hear(event))
  }

  /** Everything that was delivered, in order. */
  get all(): readonly Delivered[] {
    return this.#told.map((one) => ({ ...one }))
  }

  /**
   * Delivers until nothing is ready and nobody works. One delivery is under way at a time, beside those that wait for the clock.
   * @throws {Error} after a thousand deliveries
   */
  async drain(): Promise<readonly Delivered[]> {
    const mine = this.#turn.then(() => this.#drain())
    this.#turn = mine.catch(() => undefined)
    return await mine
  }

  /** In a jump of the clock: delivers what is ready, and lets the jump stop where the next message comes. */
  async follow(clock: AdjustableClock): Promise<void> {
    await this.drain()
    const atMs = (await this.#options.broker.nextVisibleAt())?.getTime() ?? null
    if (atMs === (this.#alarm?.atMs ?? null)) return
    this.unfollow()
    if (atMs === null) return
    const off = new AbortController()
    this.#alarm = { atMs, off }
    void clock.alarm(new Date(atMs), async () => undefined, off.signal)
  }

  unfollow(): void {
    this.#alarm?.off.abort()
    this.#alarm = null
  }

  stop(): void {
    this.unfollow()
    this.#deaf()
  }

  async #drain(): Promise<readonly Delivered[]> {
    const { broker, calls } = this.#options
    const first = this.#told.length
    for (;;) {
      await calls.rest()
      const [delivery] = await broker.receive()
      if (delivery !== undefined) this.#begin(delivery)
      else if (!(await this.#anyReady())) return this.all.slice(first)
      if (this.#told.length - first > DELIVERIES_MAX) {
        throw new Error(`The queue did not come to rest within ${DELIVERIES_MAX} deliveries`)
      }
    }
  }

  /** A fault may have taken what was received while other messages are ready. */
  async #anyReady(): Promise<boolean> {
    return (await this.#options.broker.peek()).some(({ state }) => state === 'ready')
  }

  #begin(delivery: BrokerDelivery): void {
    const { broker, platform } = this.#options
    const { function: name, body } = delivery.message
    const attempt = delivery.attempt + 1
    const record: Record_ = { function: name, body, attempt, outcome: 'waits', status: null, reason: null, delayMs: 0 }
    this.#told.push(record)
    this.#underWay.set(keyOf(delivery.id, delivery.token), record)
    const dispatch: ConsumerPlatform['dispatch'] = async (message) => {
      const response = await platform.dispatch(message)
      record.status = response.status
      return response
    }
    void deliver(broker, { ...consumerPlatform(platform), dispatch }, delivery)
  }

  #hear({ kind, id, deliveries, reason, delayMs }: BrokerEvent): void {
    const outcome = OUTCOMES.find((known) => known === kind)
    const record = this.#underWay.get(keyOf(id, deliveries))
    if (outcome === undefined || record === undefined) return
    this.#underWay.delete(keyOf(id, deliveries))
    Object.assign(record, { outcome, reason, delayMs } satisfies Change)
  }
}

function consumerPlatform({ dispatch, log, clock, random }: ConsumerPlatform): ConsumerPlatform {
  return { dispatch, log, clock: clock satisfies Clock, random }
}

function keyOf(id: string, deliveries: number): string {
  return `${id} ${deliveries}`
}
