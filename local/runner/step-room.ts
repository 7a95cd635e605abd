/** How many steps this process runs at once, so that what is over goes to another runner on the same store. */
export class StepRoom {
  readonly #max: number
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Steps that could begin now; a hand-off goes on in its predecessor's place, and is never refused. */
  get free(): number {
    return Math.max(0, this.#max - this.#running)
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
    }
  }
}
