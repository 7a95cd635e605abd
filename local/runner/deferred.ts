import type { Log } from '../../shared/platform/log.ts'

/** Background work of a process, so that its end can be awaited. */
export class Deferred {
  readonly #pending = new Set<Promise<unknown>>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** Keeps `work` until it has ended; a failure is logged, since nobody else waits for it. */
  add(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work
      .catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause)
        this.#log('background.failed', { what: 'deferred work', message })
      })
      .finally(() => this.#pending.delete(tracked))
    this.#pending.add(tracked)
  }

  /** Resolves when nothing is left, also not what was added in the meantime. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }
}
