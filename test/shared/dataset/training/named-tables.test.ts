import { expect, test } from 'vitest'
import { namedIn } from '../../../../shared/dataset/training/search.ts'

const items = ['customer', 'legal.customer_grade', 'customer_grade_draft', 'OrderLine', 'legal.grade'].map((name) => ({
  id: name,
  tables: [name],
}))

test.each([
  ['What is the lowest quantity of customer grades?', ['legal.customer_grade', 'customer', 'legal.grade']],
  ['How many order lines are there?', ['OrderLine']],
  ['一共有多少位客户？', []],
])('%s names the tables whose every word it says', (question, named) => {
  expect(namedIn(question, [...items, ...items]).map(({ id }) => id)).toEqual(named)
})
