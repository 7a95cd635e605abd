/**
 * Takes the item with the largest gain, again and again, while gains only fall. An old gain is then an upper bound, so
 * that few are computed anew: choosing 3,000 of 20,000 takes seconds rather than minutes.
 */
export class LazyQueue<T> {
  /** By gain, the largest last; of equal ones the earliest last. */
  readonly #entries: { readonly item: T; readonly gain: number }[]

  constructor(items: readonly T[], gainOf: (item: T) => number) {
    this.#entries = items
      .map((item) => ({ item, gain: gainOf(item) }))
      .reverse()
      .sort((one, other) => one.gain - other.gain)
  }

  /** @param isWanted once false for an item, it stays false: the item is dropped */
  take(gainOf: (item: T) => number, isWanted: (item: T) => boolean): T | null {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      if (!isWanted(entry.item)) continue
      const gain = gainOf(entry.item)
      if (gain >= (this.#entries.at(-1)?.gain ?? gain)) return entry.item
      this.#entries.splice(this.#placeFor(gain), 0, { item: entry.item, gain })
    }
    return null
  }

  #placeFor(gain: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.gain ?? 0) < gain) low = middle + 1
      else high = middle
    }
    return low
  }
}
