import { expect, test } from 'vitest'
import { valuesIn } from '../../../../shared/workflow/coordinator/values-in.ts'

test.each([
  ['Calculate growth, sales_current=120, sales_previous = 100.', { sales_current: 120, sales_previous: 100 }],
  ['计算销售增长率，sales_current＝100，sales_previous为80。', { sales_current: 100, sales_previous: 80 }],
  ['amount: -1.5, is_paid is true, label: "north, west"', { amount: -1.5, is_paid: true, label: 'north, west' }],
  ['标签 label 是“华北”', { label: '华北' }],
])('the values that "%s" gives to names are read', (text, values) => {
  expect(valuesIn(text)).toEqual(values)
})

test.each([
  'sales_current=100万',
  'share = 12%',
  'total = 1,000',
  'version: 1.5.2',
  'place = 3rd',
  'constructor = 1',
  'Growth from sales_current and sales_previous',
  'Sales = 5',
])('no value is read out of "%s", which says more or something else', (text) => {
  expect(valuesIn(text)).toEqual({})
})
