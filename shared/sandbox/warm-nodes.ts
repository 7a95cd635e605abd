import type { SandboxLogLine } from '../platform/sandbox.ts'
import type { Difference } from './image.ts'

/** A node whose top level has run: what that changed, and what it wrote. */
export interface Warm {
  readonly state: Difference
  /** The pointer to its `main`. */
  readonly main: number
  readonly logs: readonly SandboxLogLine[]
}

const NODES_MAX = 64
const BYTES_MAX = 16 * 1024 * 1024 // a Worker has 128 MB for everything
const SEEN_MAX = 256

/** Keeps nodes by their code, the most recently used ones; only those that ran before, since most code runs once. */
export class WarmNodes {
  readonly #nodes = new Map<string, Warm>()
  readonly #seen = new Set<string>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get(code: string): Warm | null {
    const warm = this.#nodes.get(code)
    if (warm === undefined) return null
    this.#nodes.delete(code)
    this.#nodes.set(code, warm) // the last one now
    return warm
  }

  /** Whether the code ran before. */
  wanted(code: string): boolean {
    if (this.#seen.delete(code)) {
      this.#seen.add(code)
      return true
    }
    this.#seen.add(code)
    for (const oldest of this.#seen) {
      if (this.#seen.size <= SEEN_MAX) break
      this.#seen.delete(oldest)
    }
    return false
  }

  keep(code: string, warm: Warm): void {
    this.#nodes.set(code, warm)
    this.#bytes += warm.state.size
    for (const [oldest, { state }] of this.#nodes) {
      if (this.#nodes.size <= NODES_MAX && this.#bytes <= BYTES_MAX) break
      this.#nodes.delete(oldest)
      this.#bytes -= state.size
    }
  }
}
