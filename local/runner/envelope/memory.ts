import type { Gauges } from './gauges.ts'

// Of the time: collecting must not slow what it measures. At rest it costs more than its own time, since compiled code
// that knows of something collected is thrown away.
const COLLECT_SHARE_MAX = { rest: 0.001, look: 0.01 }
const WORTH_COLLECTING_BYTES = 32_000_000 // above the floor; less says little about a limit of 128 MB

/** Tells what is kept in memory above what an idle process keeps. Garbage is told apart only where it matters. */
export class MemoryGauge {
  readonly #gauges: Gauges
  #floor = Number.POSITIVE_INFINITY
  readonly #collectAgainAtMs = { rest: Number.NEGATIVE_INFINITY, look: Number.NEGATIVE_INFINITY }

  constructor(gauges: Gauges) {
    this.#gauges = gauges
  }

  /** Nothing is under way: what is kept now is the floor, or less where garbage can't be dropped again yet. */
  rest(): void {
    const seen = this.#gauges.heapBytes()
    const worthIt = !Number.isFinite(this.#floor) || seen - this.#floor > WORTH_COLLECTING_BYTES
    if (worthIt && this.#collect('rest')) this.#floor = this.#gauges.heapBytes()
    else this.#floor = Math.min(this.#floor, seen)
  }

  /**
   * @returns what lies above the floor, garbage included, and what of it is kept when that is over the limit: all
   * garbage is dropped first, at most so often that it takes a hundredth of the time
   */
  look(max: number): { readonly seen: number; readonly kept: number | null } {
    const seen = this.#gauges.heapBytes() - this.#floor
    if (seen <= max || !this.#collect('look')) return { seen, kept: null }
    const kept = this.#gauges.heapBytes() - this.#floor
    return { seen, kept: kept > max ? kept : null }
  }

  #collect(why: 'rest' | 'look'): boolean {
    const begunAtMs = this.#gauges.nowMs()
    if (begunAtMs < this.#collectAgainAtMs[why]) return false
    this.#gauges.collectGarbage()
    const endedAtMs = this.#gauges.nowMs()
    this.#collectAgainAtMs[why] = endedAtMs + (endedAtMs - begunAtMs) / COLLECT_SHARE_MAX[why]
    return true
  }
}
