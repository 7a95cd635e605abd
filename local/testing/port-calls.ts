import { setImmediate } from 'node:timers/promises'
import type { Platform } from '../../shared/platform/platform.ts'

const TURNS = 10 // of the event loop without a call under way: enough for chains of promises between two calls

/**
 * Counts the calls of ports that are under way, so that it is known when nothing more can happen without time passing.
 * A sleep is none: only the clock ends it.
 */
export class PortCalls {
  #underWay = 0

  /** Resolves when whoever works has ended, or waits for the clock. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < TURNS; ) {
      await setImmediate()
      quiet = this.#underWay === 0 ? quiet + 1 : 0
    }
  }

  /** The ports whose calls may take turns of the event loop, counted. */
  count(platform: Platform) {
    const { store, sources, files, tableLists, secrets, llm, embedder, sqlParser, sandbox, machine, mail } = platform
    return {
      store: this.#counted(store),
      sources: this.#counted({
        list: () => sources.list(),
        open: async (ref) => this.#counted(await sources.open(ref)),
      } satisfies typeof sources),
      files: this.#counted(files),
      tableLists: this.#counted(tableLists),
      secrets: this.#counted(secrets),
      llm: llm === null ? null : this.#counted(llm),
      embedder: this.#counted(embedder),
      sqlParser: this.#counted(sqlParser),
      sandbox: this.#counted(sandbox),
      machine: this.#counted(machine),
      mail: mail === null ? null : this.#counted(mail),
    }
  }

  #counted<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          const answer: unknown = Reflect.apply(value, target, args)
          return answer instanceof Promise ? this.#track(answer) : answer
        }
      },
    })
  }

  async #track<T>(answer: Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await answer
    } finally {
      this.#underWay -= 1
    }
  }
}
