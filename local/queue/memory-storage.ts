import type { Message } from '../../shared/platform/queue.ts'
import {
  type Change,
  DEAD_MAX,
  type QueueStorage,
  type StoredMessage,
  type TakenMessage,
  type Taking,
} from './storage.ts'

/** Keeps messages in this process, and forgets them with it: the store of Helix knows what is to be done. */
export function memoryStorage(): QueueStorage {
  return new MemoryStorage()
}

class MemoryStorage implements QueueStorage {
  readonly shared = false
  #added = 0
  #living: StoredMessage[] = [] // sorted by `before`
  readonly #byId = new Map<string, StoredMessage>() // the living ones
  #dead: StoredMessage[] = []

  async add(message: Message, at: { sentAt: Date; visibleAt: Date }): Promise<string> {
    const id = String(++this.#added)
    this.#insert({ id, message, ...at, inFlight: false, attempt: 0, deliveries: 0, reason: null, diedAt: null })
    return id
  }

  async take({ now, max, visibleAt, lapse }: Taking): Promise<readonly TakenMessage[]> {
    const first = this.#living.slice(0, max)
    const hidden = first.findIndex((one) => one.visibleAt > now)
    return this.#living.splice(0, hidden === -1 ? first.length : hidden).map((one) => {
      const lapsed = one.inFlight
      const attempt = one.attempt + (lapsed ? 1 : 0)
      const reason = lapsed ? lapse : one.reason
      const taken = { ...one, inFlight: true, visibleAt, attempt, reason, deliveries: one.deliveries + 1 }
      this.#insert(taken)
      return { ...taken, lapsed }
    })
  }

  async settle(held: Pick<StoredMessage, 'id' | 'deliveries'>, now: Date, change: Change): Promise<boolean> {
    const found = this.#byId.get(held.id)
    if (found === undefined || !found.inFlight || found.deliveries !== held.deliveries || found.visibleAt <= now) {
      return false
    }
    this.#remove(found)
    if (change.kind === 'again') {
      const { visibleAt, failed } = change
      const counted = failed === null ? {} : { attempt: found.attempt + 1, reason: failed }
      this.#insert({ ...found, inFlight: false, visibleAt, ...counted })
    } else if (change.kind === 'dead') {
      const attempt = found.attempt + (change.counts ? 1 : 0)
      const dead = { ...found, inFlight: false, attempt, reason: change.reason, visibleAt: now, diedAt: now }
      this.#dead = [...this.#dead, dead].slice(-DEAD_MAX)
    }
    return true
  }

  async nextVisibleAt(): Promise<Date | null> {
    return this.#living[0]?.visibleAt ?? null
  }

  async counts(now: Date) {
    let [ready, inFlight, later] = [0, 0, 0]
    for (const one of this.#living) {
      if (one.visibleAt <= now) ready++
      else if (one.inFlight) inFlight++
      else later++
    }
    return { ready, inFlight, later, dead: this.#dead.length }
  }

  async list(): Promise<readonly StoredMessage[]> {
    return [...this.#living, ...this.#dead]
  }

  async revive(id: string | null, now: Date): Promise<readonly StoredMessage[]> {
    const revived = this.#dead
      .filter((one) => id === null || one.id === id)
      .map((one) => ({ ...one, attempt: 0, visibleAt: now, reason: null, diedAt: null }))
    this.#dead = this.#dead.filter((one) => id !== null && one.id !== id)
    for (const one of revived) this.#insert(one)
    return revived
  }

  async clear(): Promise<number> {
    const count = this.#living.length + this.#dead.length
    this.#living = []
    this.#dead = []
    this.#byId.clear()
    return count
  }

  #insert(one: StoredMessage): void {
    this.#byId.set(one.id, one)
    this.#living.splice(this.#placeOf(one), 0, one)
  }

  #remove(one: StoredMessage): void {
    this.#byId.delete(one.id)
    this.#living.splice(this.#placeOf(one), 1)
  }

  /** By halving: where it stands, or would. */
  #placeOf(one: StoredMessage): number {
    let low = 0
    let high = this.#living.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#living[middle]
      if (other !== undefined && before(other, one)) low = middle + 1
      else high = middle
    }
    return low
  }
}

function before(a: StoredMessage, b: StoredMessage): boolean {
  const apart = a.visibleAt.getTime() - b.visibleAt.getTime()
  return apart === 0 ? Number(a.id) < Number(b.id) : apart < 0
}
