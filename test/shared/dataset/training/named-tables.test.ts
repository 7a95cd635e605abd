import { expect, test } from 'vitest'
import { namedIn } from '../../../../shared/dataset/training/search.ts'

const TABLES = `customer legal.customer_grade customer_grade_draft OrderLine legal.grade
  contract_plan contract_review contract_review_draft supplier_plan`
const items = TABLES.split(/\s+/).map((name) => ({
  id: name,
  tables: [name],
}))

test.each([
  ['What is the lowest quantity of customer grades?', ['legal.customer_grade', 'customer', 'legal.grade']],
  ['How many order lines are there?', ['OrderLine']],
  ['一共有多少位客户？', []],
  [
    'Which supplier plans belong to the contract review draft of a customer?',
    ['contract_review_draft', 'supplier_plan', 'customer', 'contract_plan', 'contract_review'],
  ],
  ['上级 order line 所属的 customer grade 有多少？', ['legal.customer_grade', 'OrderLine', 'customer', 'legal.grade']],
])('%s names the tables whose every word it says', (question, named) => {
  expect(namedIn(question, [...items, ...items]).map(({ id }) => id)).toEqual(named)
})
