import { expect, test } from 'vitest'
import { pairId } from '../../../../shared/dataset/pair.ts'
import { renderTrainingJsonl } from '../../../../shared/dataset/questions/training-jsonl.ts'

const pair = {
  id: 'a',
  question: '一共有多少订单？',
  sql: 'SELECT COUNT(*) FROM orders',
  tables: ['orders'],
  features: ['count'],
  hardness: 'easy',
  language: 'zh',
} as const

test('each pair is one line of chat: the rules, the tables with the question, the SQL', () => {
  const text = renderTrainingJsonl(
    [pair, { ...pair, tables: ['unknown'] }],
    new Map([['orders', 'CREATE TABLE orders (id int);\n']]),
  )
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(2)
  expect(lines[0].messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user', 'assistant'])
  expect(lines[0].messages[1].content).toBe('CREATE TABLE orders (id int);\n\n一共有多少订单？')
  expect(lines[1].messages[1].content).toBe('一共有多少订单？')
  expect(lines[0].messages[2].content).toBe(pair.sql)
})

test('an id depends on question and SQL, and on where one ends and the other begins', () => {
  expect(pairId('a', 'b')).toMatch(/^[0-9a-f]{16}$/)
  expect(pairId('a', 'b')).toBe(pairId('a', 'b'))
  expect(new Set([pairId('a', 'b'), pairId('ab', ''), pairId('', 'ab'), pairId('a', 'c')]).size).toBe(4)
})
