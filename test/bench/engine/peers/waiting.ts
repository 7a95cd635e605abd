/** Runs that wait to be told that they are over. */
export class Waiting {
  readonly #waiting = new Map<number, () => void>()
  #last = 0

  /** Begins one. @param begin asks the engine for the run of that number */
  async run(begin: (id: number) => Promise<unknown>): Promise<void> {
    this.#last += 1
    const id = this.#last
    const over = new Promise<void>((resolve) => this.#waiting.set(id, resolve))
    await begin(id)
    await over
  }

  tell(id: number): void {
    this.#waiting.get(id)?.()
    this.#waiting.delete(id)
  }
}
