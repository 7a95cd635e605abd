/** Wakes one sleeper. What rings between listening and sleeping is not missed. */
export class Bell {
  #rung = new AbortController()

  /** From now on a ring counts. */
  listen(): void {
    if (this.#rung.signal.aborted) this.#rung = new AbortController()
  }

  ring(): void {
    this.#rung.abort()
  }

  /** Aborts with the next ring. */
  get signal(): AbortSignal {
    return this.#rung.signal
  }

  async rung(): Promise<void> {
    const { signal } = this.#rung
    if (signal.aborted) return
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
}
