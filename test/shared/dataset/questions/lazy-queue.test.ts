import { expect, test } from 'vitest'
import { LazyQueue } from '../../../../shared/dataset/questions/lazy-queue.ts'
import { seededRandom } from '../../../../shared/platform/random.ts'

test('the queue gives what a search through all items gives, while gains fall', () => {
  const random = seededRandom(7)
  const items = Array.from({ length: 400 }, (_, index) => ({ index, kind: Math.floor(random() * 9), worth: random() }))
  const times = new Map<number, number>()
  const gainOf = ({ kind, worth }: (typeof items)[number]) => worth / (1 + (times.get(kind) ?? 0))
  const queue = new LazyQueue(items, gainOf)
  const left = new Set(items)
  for (let round = 0; round < 300; round++) {
    const isWanted = ({ index }: (typeof items)[number]) => index % 5 !== 0 || round < 100
    const wanted = [...left].filter(isWanted)
    const best = Math.max(...wanted.map(gainOf))
    const taken = queue.take(isWanted)
    expect(taken === null ? null : gainOf(taken)).toBe(best)
    if (taken === null) break
    left.delete(taken)
    times.set(taken.kind, (times.get(taken.kind) ?? 0) + 1)
  }
})

test('of items with the same gain the queue gives the earliest first, and nothing when all are taken or unwanted', () => {
  const queue = new LazyQueue([1, 2, 3, 4, 5], () => 1)
  const taken = Array.from({ length: 4 }, () => queue.take((item) => item !== 3))
  expect(taken).toEqual([1, 2, 4, 5])
  expect(queue.take(() => true)).toBeNull()
})
