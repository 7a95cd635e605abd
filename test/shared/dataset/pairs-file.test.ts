import { expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import { parsePairs, renderPairs } from '../../../shared/dataset/pairs-file.ts'

const pair: Pair = {
  id: 'a1',
  question: 'How many albums are there?',
  sql: 'select count(*) from "Album"',
  tables: ['Album'],
  features: ['count'],
  hardness: 'easy',
  language: 'en',
  status: 'valid',
  origin: 'generator',
  rows: 1,
}

test('a pairs file is the same byte for byte, in whatever order a checkpoint gives the members back', () => {
  const reordered = Object.fromEntries(Object.entries(pair).sort().reverse()) as unknown as Pair
  expect(renderPairs([reordered])).toBe(renderPairs([pair]))
  expect(parsePairs(renderPairs([pair]))).toEqual([pair])
})
