import { openBroker } from '../../local/queue/broker.ts'
import { deliver } from '../../local/queue/consumer.ts'
import type { BrokerEvent } from '../../local/queue/events.ts'
import type { MessageFault } from '../../local/queue/message-faults.ts'
import type { Broker, BrokerDelivery } from '../../local/queue/port.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Message } from '../../shared/platform/queue.ts'
import { drawsOf } from './chance.ts'
import type { Invocation, Runner, World } from './model.ts'
import type { FaultKind } from './plan.ts'
import { call } from './ports.ts'

const TRIES_MAX = 5 // failed tries, after which the specification lets a message die

/** The one queue of all runners: Helix's own broker, whose messages go astray as the schedule decides. */
export class SimulatedBroker {
  readonly #world: World
  readonly #broker: Broker
  /** What its function answered, by delivery; 500 where it threw. */
  readonly #answered = new Map<string, number>()
  readonly #putOff = new Map<string, number>()
  readonly #inFlightUntil = new Map<string, number>()
  readonly #latest = new Map<string, number>()
  #fault: MessageFault = {}
  #nextAt = Number.POSITIVE_INFINITY

  constructor(world: World) {
    this.#world = world
    this.#broker = openBroker({
      clock: { timeZone: 'UTC', now: () => new Date(world.now), sleep: () => new Promise(() => undefined) },
      random: drawsOf(world.plan.seed, 'broker').random,
      log: (event) => world.count(`log ${event}`),
      visibilityMs: world.plan.visibilitySeconds * 1_000,
      faults: { decide: () => this.#takeFault() },
    })
    this.#broker.onEvent((event) => this.#told(event))
  }

  get nextAt(): number {
    return this.#nextAt
  }

  /** Looks when the next message comes; once after everything that happens. */
  async look(): Promise<void> {
    this.#nextAt = (await this.#broker.nextVisibleAt())?.getTime() ?? Number.POSITIVE_INFINITY
  }

  async send(message: Message, delaySeconds: number, fault: FaultKind | null): Promise<void> {
    if (fault === 'drop') this.#fault = { drop: true }
    else if (fault === 'double') this.#fault = { duplicate: true }
    else if (fault === 'overtake') this.#fault = { reorder: true }
    else this.#fault = fault === 'delay' ? { delayMs: this.#world.draws.whole(1_000, 120_000) } : {}
    await this.#broker.send(message, delaySeconds)
  }

  async deliver(runner: Runner, fault: FaultKind | null): Promise<void> {
    this.#fault = fault === 'redeliver' ? { duplicate: true } : {}
    const [delivery] = await this.#broker.receive(1)
    if (delivery === undefined) return
    this.#world.note(
      `takes ${delivery.id}: ${delivery.message.function} ${delivery.message.body.execution_id} ${delivery.message.body.claim}`,
    )
    const invocation = runner.start(`message ${delivery.id}`, async (platform) => {
      await Promise.resolve() // so that the invocation is known
      try {
        await deliver(this.#from(invocation), this.#noting(platform, delivery), delivery)
      } catch (cause) {
        // As its consumer sees it: the fate could not be written down, and the message comes again.
        if (!(cause instanceof Problem)) throw cause
      }
    })
  }

  /** What must have happened to every message when nothing is left. */
  atRest(): void {
    const { sent, duplicated, done, dead, lost } = this.#broker.counts()
    if (sent + duplicated !== done + dead + lost - this.#droppedAtSend) {
      this.#world.violate('queue', `${sent + duplicated} messages came, ${done} are done, ${dead} dead, ${lost} lost`)
    }
  }

  #droppedAtSend = 0

  #takeFault(): MessageFault {
    const fault = this.#fault
    this.#fault = {}
    return fault
  }

  /** The broker as one invocation reaches it: over a network. */
  #from(invocation: Invocation): Broker {
    const at = (label: string, perform: () => Promise<boolean>) =>
      call<boolean>(this.#world, invocation, { kind: 'queue', label }, perform)
    const broker = this.#broker
    return {
      ...broker,
      ack: (held) => at(`ack ${held.id}`, () => broker.ack(held)),
      later: (held, delayMs) => at(`later ${held.id}`, () => broker.later(held, delayMs)),
      fail: (held, reason, delayMs) => at(`fail ${held.id}`, () => broker.fail(held, reason, delayMs)),
      bury: (held, reason) => at(`bury ${held.id}`, () => broker.bury(held, reason)),
    } as Broker
  }

  #noting(platform: Platform, { id, token }: BrokerDelivery): Platform {
    return {
      ...platform,
      dispatch: async (message, handed) => {
        this.#answered.set(`${id}#${token}`, 500)
        const response = await platform.dispatch(message, handed)
        this.#answered.set(`${id}#${token}`, response.status)
        return response
      },
    }
  }

  #told({ kind, id, deliveries, reason, at }: BrokerEvent): void {
    const world = this.#world
    world.count(`message ${kind}`)
    if (kind === 'lost' && id === '') this.#droppedAtSend += 1
    if (kind === 'later') this.#putOff.set(id, (this.#putOff.get(id) ?? 0) + 1)
    if (['done', 'later', 'failed', 'dead'].includes(kind)) this.#settled(kind, id, deliveries, reason)
    if (kind !== 'delivered') return
    this.#latest.set(id, deliveries)
    if ((this.#inFlightUntil.get(id) ?? 0) > at.getTime())
      world.violate('queue', `Message ${id} was delivered again while it was in flight`)
    this.#inFlightUntil.set(id, at.getTime() + world.plan.visibilitySeconds * 1_000)
  }

  #settled(kind: string, id: string, deliveries: number, reason: string | null): void {
    const world = this.#world
    const status = this.#answered.get(`${id}#${deliveries}`)
    const lapsed = reason?.startsWith('No answer') === true
    if (status === undefined && !lapsed)
      world.violate('queue', `Message ${id} was ${kind} before its function had answered`)
    if (kind === 'done' && status !== undefined && status >= 300 && status !== 409)
      world.violate('queue', `Message ${id} was ${kind}, although its function had answered ${status}`)
    if (!lapsed && (this.#latest.get(id) ?? deliveries) !== deliveries)
      world.violate('queue', `Message ${id} was ${kind} by delivery ${deliveries}, which is not its latest`)
    this.#inFlightUntil.delete(id)
    if (kind !== 'dead') return
    if (reason?.startsWith('HTTP 4') === true) world.violate('queue', `A good message died: ${reason}`)
    const tries = deliveries - (this.#putOff.get(id) ?? 0)
    if (tries < TRIES_MAX) world.violate('queue', `Message ${id} died after ${tries} tries: ${reason}`)
  }
}
