import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../../../shared/platform/random.ts'
import { type Graph, orderOf } from '../../../../shared/workflow/graph/order.ts'

const graph = (names: string, ...edges: string[]): Graph => ({
  names: [...names],
  edges: edges.map((edge) => ({ source: edge.charAt(0), target: edge.charAt(1) })),
})

/** The same promise, told the slow way: the first name of the definition that waits for nobody who is still to come. */
function referenceOrder({ names, edges }: Graph): string[] | null {
  const left = [...names]
  const order: string[] = []
  while (left.length > 0) {
    const next = left.find((name) => !edges.some(({ source, target }) => target === name && left.includes(source)))
    if (next === undefined) return null
    order.push(next)
    left.splice(left.indexOf(next), 1)
  }
  return order
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

function randomGraph(random: Random, acyclic: boolean): Graph {
  const names = Array.from({ length: 1 + Math.floor(random() * 25) }, (_, at) => `n${at}`)
  const hidden = shuffled(random, names)
  const density = random() * 0.4
  const edges = hidden.flatMap((source, at) =>
    hidden
      .filter((_, other) => (acyclic ? other > at : true))
      .filter(() => random() < (acyclic ? density : density / 4))
      .map((target) => ({ source, target })),
  )
  return { names, edges: shuffled(random, edges) }
}

describe('the order of nodes', () => {
  test('is that of a slow and plain reference, for 2,000 random graphs without cycles', () => {
    const random = seededRandom(6)
    for (let round = 0; round < 2_000; round++) {
      const given = randomGraph(random, true)
      const found = orderOf(given)
      expect(found.kind === 'ordered' && found.order).toEqual(referenceOrder(given))
    }
  })

  test('puts every node one level below the lowest that it waits for, in 500 random graphs', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 500; round++) {
      const given = randomGraph(random, true)
      const found = orderOf(given)
      if (found.kind === 'cyclic') throw new Error('no cycle was made')
      const levelOf = (name: string) => found.levels.findIndex((members) => members.includes(name))
      for (const name of given.names) {
        const before = given.edges.filter(({ target }) => target === name).map(({ source }) => levelOf(source))
        expect(levelOf(name)).toBe(before.length === 0 ? 0 : Math.max(...before) + 1)
      }
    }
  })

  test('exists exactly where there is no cycle, and each cycle told is one, in 1,000 random graphs', () => {
    const random = seededRandom(8)
    for (let round = 0; round < 1_000; round++) {
      const given = randomGraph(random, false)
      const found = orderOf(given)
      expect(found.kind === 'cyclic').toBe(referenceOrder(given) === null)
      if (found.kind === 'ordered') continue
      const known = new Set(given.edges.map(({ source, target }) => `${source} ${target}`))
      for (const cycle of found.cycles) {
        expect(cycle[0]).toBe(cycle.at(-1))
        expect(new Set(cycle).size).toBe(cycle.length - 1)
        for (const [at, source] of cycle.slice(0, -1).entries()) {
          expect(known.has(`${source} ${cycle[at + 1]}`)).toBe(true)
        }
      }
      // Without the edges that the told cycles end with, fewer nodes wait for each other; in the end none does.
      let rest = given
      for (let left: ReturnType<typeof orderOf> = found; left.kind === 'cyclic'; left = orderOf(rest)) {
        const closing = left.cycles.map((cycle) => ({ source: cycle.at(-2), target: cycle.at(-1) }))
        const isClosing = (edge: { source: string; target: string }) =>
          closing.some(({ source, target }) => source === edge.source && target === edge.target)
        rest = { ...rest, edges: rest.edges.filter((edge) => !isClosing(edge)) }
      }
      expect(referenceOrder(rest)).not.toBeNull()
    }
  })

  test('is the order of the definition where nothing says otherwise', () => {
    expect(orderOf(graph('cab'))).toMatchObject({ order: ['c', 'a', 'b'], levels: [['c', 'a', 'b']] })
  })

  test.each([
    ['a node that waits for itself', graph('ab', 'aa', 'ab'), [['a', 'a']]],
    ['three in a ring', graph('abc', 'ab', 'bc', 'ca'), [['a', 'b', 'c', 'a']]],
    ['two rings of which one is told shortest', graph('abcd', 'ab', 'bc', 'cd', 'da', 'ba'), [['a', 'b', 'a']]],
    [
      'two rings apart, and one that only comes after',
      graph('abcde', 'ab', 'ba', 'cd', 'dc', 'be'),
      [
        ['a', 'b', 'a'],
        ['c', 'd', 'c'],
      ],
    ],
    ['a ring behind one that waits for nobody', graph('abc', 'ab', 'bc', 'cb'), [['b', 'c', 'b']]],
  ])('of a graph with %s names each cycle in order', (_, given, cycles) => {
    expect(orderOf(given)).toEqual({ kind: 'cyclic', cycles })
  })

  test('of ten thousand nodes in a row is found at once, and without calling itself', () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `n${at}`)
    const edges = names.slice(1).map((target, at) => ({ source: `n${at}`, target }))
    expect(orderOf({ names: names.toReversed(), edges })).toMatchObject({ kind: 'ordered', order: names })
  })
})
