import { expect, test } from 'vitest'
import { statementShape } from '../../../../shared/ops/database/statement-shape.ts'

test.each([
  ['texts and numbers', "select * from a where b = 'secret' and c > 12.5e3", 'select * from a where b = ? and c > ?'],
  ['quotes inside a text', "select 'it''s' || E'a'", 'select ? || ?'],
  ['a text that was cut off', "select 'half of a pass", 'select ?'],
  ['dollar quotes', 'do $x$ raise secret $x$', 'do ?'],
  ['lists', "select 1 where a in ('x', 'y', 3)", 'select ? where a in (?, …)'],
  ['comments', 'select a -- token\n/* other */ from b', 'select a from b'],
])('a statement is shown without its values: %s', (_, text, shape) => {
  expect(statementShape(text)).toBe(shape)
})

test('names with digits, parameters and quoted names of a statement stay as they are', () => {
  const text = 'select t1.c2, "3x" from s4.t1 where c2 = $1'
  expect(statementShape(text)).toBe(text)
})

test('a statement is shown up to 300 characters', () => {
  expect(statementShape(`select ${'a, '.repeat(500)}`)).toHaveLength(300)
})
