interface Entry<T> {
  readonly at: number
  readonly order: number
  readonly value: T
}

/** Things that are to happen, the earliest first; those of the same time in the order in which they were added. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = []
  #added = 0

  add(at: number, value: T): void {
    const entry = { at, order: this.#added, value }
    this.#added += 1
    let index = this.#heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(index, parent)) break
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Takes the earliest; undefined when there is none. */
  take(): { readonly at: number; readonly value: T } | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    this.#heap[0] = last
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      let next = index
      if (left < this.#heap.length && this.#before(left, next)) next = left
      if (right < this.#heap.length && this.#before(right, next)) next = right
      if (next === index) return first
      this.#swap(index, next)
      index = next
    }
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return false
    return one.at < other.at || (one.at === other.at && one.order < other.order)
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
