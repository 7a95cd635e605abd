/** What happens to messages, as a broker tells it to whoever listens. */
export type BrokerEventKind =
  | 'sent'
  | 'delivered'
  | 'done'
  | 'later'
  | 'failed'
  | 'dead'
  /** An answer came for a delivery that no longer counts. */
  | 'refused'
  /** A fault took it. */
  | 'lost'
  | 'duplicated'
  | 'delayed'
  | 'reordered'
  | 'redriven'
  | 'purged'

export interface BrokerEvent {
  readonly kind: BrokerEventKind
  readonly at: Date
  /** Empty for a message that was lost before it had one, and for `purged`. */
  readonly id: string
  readonly function: string
  readonly executionId: string | null
  readonly attempt: number
  readonly deliveries: number
  readonly reason: string | null
  /** How long until it comes, where that is known. */
  readonly delayMs: number
}

/** How often each has happened since the broker was opened. */
export type BrokerCounts = Readonly<Record<BrokerEventKind, number>>

/** Counts events and passes them on, in the order in which they happen. */
export class EventFeed {
  readonly #listeners = new Set<(event: BrokerEvent) => void>()
  readonly #counts: Record<BrokerEventKind, number> = {
    sent: 0,
    delivered: 0,
    done: 0,
    later: 0,
    failed: 0,
    dead: 0,
    refused: 0,
    lost: 0,
    duplicated: 0,
    delayed: 0,
    reordered: 0,
    redriven: 0,
    purged: 0,
  }

  get counts(): BrokerCounts {
    return { ...this.#counts }
  }

  tell(event: BrokerEvent): void {
    this.#counts[event.kind]++
    for (const listener of [...this.#listeners]) listener(event)
  }

  /** @returns how to stop listening */
  listen(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
