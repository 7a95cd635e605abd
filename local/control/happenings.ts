/** Something that happened in the runner, for whoever watches it live. */
export interface Happening {
  readonly kind: 'queue' | 'invocation' | 'fault' | 'clock' | 'settings'
  readonly data: unknown
}

/** Passes on what happens; nothing is kept. */
export class Happenings {
  readonly #listeners = new Set<(happening: Happening) => void>()

  tell(kind: Happening['kind'], data: unknown): void {
    for (const listener of this.#listeners) listener({ kind, data })
  }

  /** @returns how to stop listening */
  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
