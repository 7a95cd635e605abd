import { setMaxListeners } from 'node:events'

/** What the caller of an invocation is told once that has died, as of a killed process. */
export class InvocationCrashed extends Error {
  override readonly name = 'InvocationCrashed'
}

export interface LifeOptions {
  readonly name: string
  readonly number: number
  /** At which await it dies, counted from 1, before or after what is awaited has happened; null to live. */
  readonly crash: { readonly await: number; readonly after: boolean } | null
  /** @param at the await: `store.query` */
  readonly onCrash?: (at: string) => void
}

/**
 * The life of one invocation. It may die at any await of a port: that call and all later ones never come back, so that
 * no `catch` and no `finally` of it runs on, just as none runs in a killed process.
 */
export class InvocationLife {
  readonly name: string
  /** Which invocation it is, from 1. */
  readonly number: number
  readonly #options: LifeOptions
  readonly #end = new AbortController()
  #awaits = 0

  constructor(options: LifeOptions) {
    this.name = options.name
    this.number = options.number
    this.#options = options
    setMaxListeners(0, this.#end.signal) // of every file that it reads
  }

  get dead(): boolean {
    return this.#end.signal.aborted
  }

  /** Aborts at its death. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** Awaits of a port so far: a crash may be planted at each, before and after. */
  get awaits(): number {
    return this.#awaits
  }

  /** Kills it from outside. */
  die(): void {
    this.#end.abort(new InvocationCrashed(`${this.name} has crashed`))
  }

  /** One await of a port. */
  async around<T>(at: string, call: () => Promise<T>): Promise<T> {
    if (this.dead) return await never()
    this.#awaits += 1
    const { crash, onCrash } = this.#options
    const strikes = crash?.await === this.#awaits
    if (strikes && !crash.after) return await this.#crash(at, onCrash)
    try {
      const answer = await call()
      if (!strikes && !this.dead) return answer
    } catch (error) {
      if (error instanceof InvocationCrashed) this.die() // what it called in its own process has died, and it too
      if (!strikes && !this.dead) throw error
    }
    if (strikes && !this.dead) return await this.#crash(at, onCrash)
    return await never()
  }

  /** What `work` comes to. @throws {InvocationCrashed} as soon as it is dead, whatever becomes of `work` */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let onDeath: () => void = () => undefined
    const death = new Promise<never>((_, reject) => {
      onDeath = () => reject(this.#end.signal.reason)
      this.#end.signal.addEventListener('abort', onDeath)
    })
    try {
      if (this.dead) throw this.#end.signal.reason
      return await Promise.race([work(), death])
    } finally {
      this.#end.signal.removeEventListener('abort', onDeath)
    }
  }

  async #crash(at: string, onCrash: LifeOptions['onCrash']): Promise<never> {
    onCrash?.(at)
    this.die()
    return await never()
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
