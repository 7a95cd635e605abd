import { expect, test } from 'vitest'
import { columnRole, isComparable } from '../../../../shared/dataset/questions/roles.ts'
import { catalog, column, columnProfile, foreignKey, relation } from '../../../support/catalog-factory.ts'

const none = columnProfile({})
const many = columnProfile({ a: 1 }, { distinct: 500, valuesComplete: false })
const few = columnProfile({ open: 30, closed: 12 })

test.each([
  ['a primary key', column('id', { type: 'integer' }), none, 'key'],
  ['a foreign key', column('customer_id', { type: 'integer' }), none, 'foreign_key'],
  ['an amount', column('total_amount', { type: 'numeric' }), none, 'money'],
  ['an amount by its comment', column('je', { type: 'numeric', comment: '支付金额' }), none, 'money'],
  ['a quantity', column('quantity', { type: 'integer' }), none, 'measure'],
  ['a latitude', column('latitude', { type: 'numeric' }), none, 'coordinates'],
  ['a year', column('release_year', { type: 'integer' }), columnProfile({}, { min: '1999', max: '2020' }), 'year'],
  ['a boolean', column('is_open', { type: 'boolean' }), none, 'flag'],
  ['a number of 0 and 1', column('is_active', { type: 'integer' }), columnProfile({ '0': 3, '1': 4 }), 'flag'],
  ['few repeated texts', column('phase'), few, 'category'],
  ['an enum', column('phase', { type: 'phase', category: 'E', enumLabels: ['open'] }), none, 'category'],
  ['a name', column('last_name'), many, 'name'],
  ['an e-mail address', column('email'), many, 'contact'],
  ['a postal code', column('postal_code'), many, 'code'],
  ['a long text', column('story'), columnProfile({}, { averageLength: 400, distinct: 90 }), 'text'],
  ['a date', column('ordered_on', { type: 'date' }), none, 'date'],
  ['an array', column('tags', { isArray: true }), none, 'array'],
  ['JSON', column('extra', { type: 'jsonb' }), none, 'json'],
  ['a text search vector', column('fulltext', { type: 'tsvector' }), none, 'search'],
])('the role of %s', (_, subject, profile, role) => {
  const orders = relation('orders', [
    column('id', { type: 'integer' }),
    column('customer_id', { type: 'integer' }),
    subject,
  ])
  const shop = catalog([orders], [foreignKey('orders.customer_id', 'customers.id')])
  expect(columnRole(shop, orders, subject, profile)).toBe(role)
})

test.each([
  ['json', false],
  ['point', false],
  ['bytea', false],
  ['xml', false],
  ['text', true],
  ['date', true],
])('whether values of type %s can be compared: %s', (type, comparable) => {
  expect(
    isComparable(column('c', { type, category: ['text'].includes(type) ? 'S' : type === 'date' ? 'D' : 'U' })),
  ).toBe(comparable)
})
