import { expect, test } from 'vitest'
import { labelsOf } from '../../../../shared/dataset/questions/labels.ts'
import { type Link, linkOf } from '../../../../shared/dataset/questions/link.ts'
import { SIBLING_SHAPES } from '../../../../shared/dataset/questions/shapes/siblings.ts'
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

const taken = foreignKey('sample.taken_by', 'employee.id')
const moved = foreignKey('sample.to_employee_id', 'employee.id')
const laboratory = {
  ...catalog([
    relation('employee', [column('id'), column('name')]),
    relation('sample', [column('id'), column('taken_by'), column('to_employee_id')]),
  ]),
  foreignKeys: [taken, moved],
}

test.each([
  ['en', taken, 'taken-by employee', 'taken-by employees'],
  ['zh', taken, 'taken-by 对应的员工', 'taken-by 对应的员工'],
  ['en', moved, 'target employee', 'target employees'],
  ['zh', moved, '目标员工', '目标员工'],
] as const)('in %s, a key that ends in by or begins with to leads to a noun: %#', (language, key, one, many) => {
  const world = { catalog: laboratory, profiles: new Map(), labels: labelsOf(laboratory, language) }
  expect(linkOf(world, key, { language, random: () => 0 })).toMatchObject({ role: one, roleMany: many })
})

const headed = foreignKey('wo_item.wo_id', 'mfg_work_order.id')
const ordered = foreignKey('delivery.so_id', 'so_order.id')

test.each([
  ['en', headed, 'mfg_work_order', 'work order'],
  ['zh', ordered, 'so_order', '销售订单'],
] as const)('in %s, a key named after what it leads to says no role: %#', (language, named, target, one) => {
  const factory = {
    ...catalog([
      relation(named.from.name, [column('id'), column(named.fromColumns[0] ?? '', { comment: '销售订单ID' })]),
      relation(target, [column('id')], { comment: language === 'zh' ? '销售订单' : null }),
    ]),
    foreignKeys: [named],
  }
  const world = { catalog: factory, profiles: new Map(), labels: labelsOf(factory, language) }
  expect(linkOf(world, named, { language, random: () => 0 })).toMatchObject({ role: one })
})

const counted = foreignKey('visit.employee_id', 'employee.id')
const clinic = {
  ...catalog([
    relation('employee', [column('id'), column('name')]),
    relation('sample', [column('id'), column('checked_by_id')]),
    relation('visit', [column('id'), column('employee_id')]),
  ]),
  foreignKeys: [foreignKey('sample.checked_by_id', 'employee.id'), counted],
}

test.each([
  ['en', 'the number of samples with it as checker and the number of visits for each employee'],
  ['zh', '以其为检查人的样品数量和访问数量'],
] as const)('in %s, two kinds of children are counted each in the role of its key', (language, said) => {
  const world = { catalog: clinic, profiles: new Map(), labels: labelsOf(clinic, language) }
  const links = clinic.foreignKeys.map((one) => linkOf(world, one, { language, random: () => 0 }))
  const [first, second] = links.filter((link): link is Link => link !== null)
  const named = first === undefined ? undefined : { ...first, parent: { ...first.parent, titles: first.parent.fields } }
  const drafts =
    named === undefined || second === undefined ? [] : (SIBLING_SHAPES['two-counts']?.(named, second) ?? [])
  expect(drafts.map(({ question }) => question)).toEqual([expect.stringContaining(said)])
})
