import type { Store } from '../../shared/platform/store.ts'

/**
 * What is asked of the store at this moment. A clock that is sent ahead waits for it: a heartbeat that was woken takes no
 * time by that clock, and must be written before the lease that it extends is said to have lapsed.
 */
export class StoreWork {
  #underWay = 0
  readonly #waiting = new Set<() => void>()

  /** The same store, its calls counted while they last. */
  counting(store: Store): Store {
    return {
      kind: store.kind,
      query: (text, values) => this.#count(store.query(text, values)),
      together: (statement, item) => this.#count(store.together(statement, item)),
      transaction: (work) => this.#count(store.transaction(work)),
      close: () => store.close(),
    }
  }

  get isIdle(): boolean {
    return this.#underWay === 0
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (!this.isIdle) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  async #count<T>(call: Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await call
    } finally {
      this.#underWay -= 1
      if (this.isIdle) {
        for (const resolve of this.#waiting) resolve()
        this.#waiting.clear()
      }
    }
  }
}
