import { expect, test } from 'vitest'
import { labelsOf } from '../../../../shared/dataset/questions/labels.ts'
import { linkOf } from '../../../../shared/dataset/questions/link.ts'
import { catalog, column, foreignKey, relation } from '../../../support/catalog-factory.ts'

const key = foreignKey('leave.approved_by_id', 'employee.id')
const company = {
  ...catalog([
    relation('employee', [column('id'), column('name')]),
    relation('leave', [column('id'), column('approved_by_id')]),
  ]),
  foreignKeys: [key],
}

test.each([
  ['en', 'approver', 'approvers'],
  ['zh', '审批人', '审批人'],
] as const)('in %s, whom approved_by_id leads to is called %s, and several of them %s', (language, one, many) => {
  const world = { catalog: company, profiles: new Map(), labels: labelsOf(company, language) }
  expect(linkOf(world, key, { language, random: () => 0 })).toMatchObject({ role: one, roleMany: many })
})
