import { expect, test } from 'vitest'
import { inChinese } from '../../../../shared/dataset/questions/said-names.ts'
import { column, relation } from '../../../support/catalog-factory.ts'

const employee = relation('employee', [column('title'), column('name')])
const address = relation('address', [column('state'), column('postal_code')])
const order = relation('order', [column('state'), column('title')])

test.each([
  ['title', employee, '职务'],
  ['title', order, '标题'],
  ['name', employee, '姓名'],
  ['state', address, '州'],
  ['billing state', address, '账单州'],
  ['state', order, '状态'],
  ['order details', order, '订单明细'],
  ['sales by product category', order, '按产品类别统计的销售额'],
  ['address 2', address, '地址2'],
  ['quantity', order, '件数'],
])('%s in %o is %s in Chinese', (words, where, said) => {
  expect(inChinese(words.split(' '), where)).toBe(said)
})

test('a name with a word that is not known stays as it is', () => {
  expect(inChinese(['customer', 'frobnicator'], order)).toBeNull()
})
