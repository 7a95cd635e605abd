import { expect, test } from 'vitest'
import { findDuplicates } from '../../../../shared/dataset/validation/duplicates.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { pairOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()

test.each([
  [
    'the same statement written otherwise',
    ['select a from t where b = 1', 'How many?'],
    ['SELECT a FROM t\nWHERE b=1', 'Which a?'],
    'sql',
  ],
  [
    'the same question written otherwise',
    ['select a from t', 'How many, please?'],
    ['select b from t', 'how many please'],
    'question',
  ],
  ['the same question in full width', ['select a from t', '有多少Ａ？'], ['select b from t', '有多少a?'], 'question'],
  [
    'the same with another value',
    ['select a from t where b = 1', 'Which a has 1?'],
    ['select a from t where b = 2', 'Which a has 2?'],
    'near',
  ],
])('a pair with %s is a duplicate', async (_, [sql, question], [otherSql, otherQuestion], kind) => {
  const pairs = [
    pairOf(sql ?? '', { question: question ?? '' }),
    pairOf(otherSql ?? '', { question: otherQuestion ?? '' }),
  ]
  const { kept, duplicates } = await findDuplicates(parser, pairs)
  expect(kept).toEqual([pairs[0]])
  expect(duplicates).toEqual([{ pair: pairs[1], of: pairs[0], kind }])
})

test('pairs that differ in value and in what they ask are both kept, unless shapes must differ', async () => {
  const pairs = [
    pairOf('select a from t where b = 1 limit 1', { question: 'Which one is open?' }),
    pairOf('select a from t where b = 2 limit 1', { question: 'Name a closed one' }),
    pairOf('select a from t order by b', { question: 'In order' }),
    pairOf('select a from t order by b desc', { question: 'In reverse' }),
  ]
  expect((await findDuplicates(parser, pairs)).kept).toHaveLength(4)
  expect((await findDuplicates(parser, pairs, { sameShape: true })).kept).toHaveLength(3)
})

test('a pair that passed as it was stays, wherever the mended one stands that now says the same', async () => {
  const mended = pairOf('select a from t', { question: 'All of them?', status: 'repaired' })
  const other = pairOf('select b from t', { question: 'The others?', status: 'repaired' })
  const passed = pairOf('select a from t', { question: 'Which a?', status: 'valid' })
  const { kept, duplicates } = await findDuplicates(parser, [mended, other, passed])
  expect(kept).toEqual([other, passed])
  expect(duplicates).toEqual([{ pair: mended, of: passed, kind: 'sql' }])
})
