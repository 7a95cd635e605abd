/** A directed graph over names: who comes directly before whom. Names that are nobody's are left out by the caller. */
export interface Graph {
  /** In the order of the definition. */
  readonly names: readonly string[]
  readonly edges: readonly { readonly source: string; readonly target: string }[]
}

export type Ordering =
  | { readonly kind: 'ordered'; readonly order: readonly string[]; readonly levels: readonly (readonly string[])[] }
  /** Each cycle once, its first name again at the end. */
  | { readonly kind: 'cyclic'; readonly cycles: readonly (readonly string[])[] }

/**
 * The names in an order in which each comes after all that it waits for; of those that could come next, the one that the
 * definition names first does. So the same definition always runs in the same order.
 * `levels` groups them by the longest way from a beginning: what may run side by side.
 */
export function orderOf(graph: Graph): Ordering {
  const position = new Map(graph.names.map((name, index) => [name, index]))
  const after = successors(graph)
  const waits = new Map(graph.names.map((name) => [name, 0]))
  for (const targets of after.values()) for (const target of targets) waits.set(target, (waits.get(target) ?? 0) + 1)
  const ready = new Heap(graph.names.flatMap((name, index) => (waits.get(name) === 0 ? [index] : [])))
  const order: string[] = []
  const level = new Map<string, number>()
  for (let next = ready.take(); next !== undefined; next = ready.take()) {
    const name = graph.names[next] ?? ''
    order.push(name)
    for (const target of after.get(name) ?? []) {
      level.set(target, Math.max(level.get(target) ?? 0, (level.get(name) ?? 0) + 1))
      const left = (waits.get(target) ?? 0) - 1
      waits.set(target, left)
      if (left === 0) ready.add(position.get(target) ?? 0)
    }
  }
  if (order.length < graph.names.length) return { kind: 'cyclic', cycles: cyclesOf(graph, after, new Set(order)) }
  const levels: string[][] = []
  for (const name of graph.names) {
    const at = level.get(name) ?? 0
    while (levels.length <= at) levels.push([])
    levels[at]?.push(name)
  }
  return { kind: 'ordered', order, levels }
}

/** Who comes directly after whom, each once, in the order of the definition. */
function successors({ names, edges }: Graph): Map<string, string[]> {
  const position = new Map(names.map((name, index) => [name, index]))
  const found = new Map<string, Set<string>>(names.map((name) => [name, new Set()]))
  for (const { source, target } of edges) if (position.has(target)) found.get(source)?.add(target)
  const byPosition = (one: string, other: string) => (position.get(one) ?? 0) - (position.get(other) ?? 0)
  return new Map([...found].map(([name, targets]) => [name, [...targets].toSorted(byPosition)]))
}

/**
 * A shortest cycle through the first node of each knot that still has one, until no node that could not be ordered is
 * unaccounted for. Nodes that merely come after a cycle are on none.
 */
function cyclesOf(graph: Graph, after: Map<string, string[]>, ordered: ReadonlySet<string>): string[][] {
  const cycles: string[][] = []
  const told = new Set<string>()
  for (const name of graph.names) {
    if (ordered.has(name) || told.has(name)) continue
    const cycle = shortestCycle(name, after)
    if (cycle === null) continue
    // One of a knot is enough: all that lie on a way there and back belong to it.
    for (const member of reachable(name, after)) if (reachable(member, after).has(name)) told.add(member)
    cycles.push(cycle)
  }
  return cycles
}

function shortestCycle(start: string, after: Map<string, string[]>): string[] | null {
  const from = new Map<string, string>()
  const waiting = [start]
  for (const name of waiting) {
    for (const target of after.get(name) ?? []) {
      if (target === start) return wayBack(name, start, from)
      if (!from.has(target)) {
        from.set(target, name)
        waiting.push(target)
      }
    }
  }
  return null
}

function wayBack(last: string, start: string, from: Map<string, string>): string[] {
  const way = [start, last]
  if (last === start) return way
  for (let name = from.get(last); name !== undefined && name !== start; name = from.get(name)) way.splice(1, 0, name)
  return [start, ...way.slice(1), start]
}

function reachable(start: string, after: Map<string, string[]>): Set<string> {
  const found = new Set<string>()
  const waiting = [start]
  for (const name of waiting) {
    for (const target of after.get(name) ?? []) {
      if (found.has(target)) continue
      found.add(target)
      waiting.push(target)
    }
  }
  return found
}

/** The smallest number first. */
class Heap {
  readonly #items: number[]

  constructor(sorted: readonly number[]) {
    this.#items = [...sorted] // sorted already, which is a heap
  }

  add(item: number): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((items[parent] ?? 0) <= item) break
      items[at] = items[parent] ?? 0
      at = parent
    }
    items[at] = item
  }

  take(): number | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if ((items[child + 1] ?? Number.POSITIVE_INFINITY) < (items[child] ?? 0)) child += 1
      if ((items[child] ?? 0) >= last) break
      items[at] = items[child] ?? 0
      at = child
    }
    items[at] = last
    return first
  }
}
