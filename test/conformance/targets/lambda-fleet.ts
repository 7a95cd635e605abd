import { type Answered, Sandbox, type SandboxOptions } from './lambda-sandbox.ts'

const SANDBOXES_MAX = 6 // of one Lambda: its reserved concurrency

/** All sandboxes of one Lambda: a warm one takes the next event, a new one is started where all are busy. */
export class Fleet {
  readonly #options: SandboxOptions
  readonly #all = new Set<Sandbox>()
  readonly #idle: Sandbox[] = []
  readonly #waiting: (() => void)[] = []
  readonly #running = new Set<Promise<unknown>>()
  #starting = 0

  constructor(options: SandboxOptions) {
    this.#options = options
  }

  /** Sandboxes that live, busy or frozen. */
  get sandboxes(): readonly Sandbox[] {
    return [...this.#all]
  }

  /**
   * Invokes the function.
   * @throws {Error} what it threw, or how its sandbox ended
   */
  async invoke(event: unknown): Promise<{ answered: Answered; ended: Promise<void> }> {
    const sandbox = await this.#take()
    try {
      const { answered, ended } = await sandbox.invoke(event)
      const freed = ended.then(() => this.#free(sandbox))
      this.#running.add(freed)
      void freed.then(() => this.#running.delete(freed))
      return { answered, ended }
    } catch (error) {
      this.#free(sandbox)
      throw error
    }
  }

  /** Invokes the function and waits until it has ended. @returns the value that it answered */
  async call(event: unknown): Promise<unknown> {
    const { answered, ended } = await this.invoke(event)
    await ended
    return answered.kind === 'value' ? answered.value : undefined
  }

  async close(): Promise<void> {
    for (const sandbox of this.#all) sandbox.kill()
    await Promise.all(this.#running)
  }

  async #take(): Promise<Sandbox> {
    for (;;) {
      const warm = this.#idle.pop()
      if (warm?.alive === true) return warm
      if (warm !== undefined) this.#all.delete(warm)
      else if (this.#all.size + this.#starting < SANDBOXES_MAX) return await this.#start()
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async #start(): Promise<Sandbox> {
    this.#starting++
    try {
      const sandbox = await Sandbox.start(this.#options)
      this.#all.add(sandbox)
      return sandbox
    } finally {
      this.#starting--
    }
  }

  #free(sandbox: Sandbox): void {
    if (sandbox.alive) this.#idle.push(sandbox)
    else this.#all.delete(sandbox)
    this.#waiting.shift()?.()
  }
}
