import { expect, test } from 'vitest'
import { labelsOf } from '../../../../shared/dataset/questions/labels.ts'
import { plural, singular, splitWords } from '../../../../shared/dataset/questions/words.ts'
import { catalog, column, foreignKey, relation } from '../../../support/catalog-factory.ts'

test.each([
  ['snake_case', ['snake', 'case']],
  ['InvoiceLine', ['invoice', 'line']],
  ['HTMLPage2', ['html', 'page', '2']],
  ['zip code', ['zip', 'code']],
  ['Größe', ['größe']],
])('the name %s is made of words', (name, words) => expect(splitWords(name)).toEqual(words))

test.each([
  ['category', 'categories'],
  ['address', 'addresses'],
  ['order detail', 'order details'],
  ['person', 'people'],
  ['status', 'statuses'],
  ['quantity per unit', 'quantities per unit'],
  ['größe', 'größe'],
])('the plural of %s is %s, and back', (one, many) => {
  expect(plural(one)).toBe(many)
  expect(singular(many)).toBe(one)
})

const roads = catalog([
  relation(
    'bss_company',
    [column('id', { comment: '主键ID' }), column('company_name', { comment: '公司名称（全称）' })],
    {
      comment: '公司信息表',
    },
  ),
  relation('bss_service_area', [column('company_id'), column('opened_at')]),
  relation('bss_car_day_count', [column('cust_qty'), column('is_us')], { comment: 'Cars counted by day, per area' }),
])

test('a Chinese comment names a table and a column in Chinese questions, without what follows it', () => {
  const labels = labelsOf(roads, 'zh')
  expect(labels.relation({ schema: 'public', name: 'bss_company' }).one).toBe('公司')
  expect(labels.column({ schema: 'public', name: 'bss_company' }, 'company_name').one).toBe('公司名称')
})

test('without a comment the words of the name serve, less the module of the system that they begin with', () => {
  expect(labelsOf(roads, 'zh').relation({ schema: 'public', name: 'bss_service_area' }).one).toBe('服务区域')
  expect(labelsOf(roads, 'en').relation({ schema: 'public', name: 'bss_service_area' })).toEqual({
    one: 'service area',
    many: 'service areas',
  })
})

test('what a table is called does not change with tables that are nothing to it', () => {
  const alone = catalog([
    relation('crm_client', [column('id'), column('客户')]),
    relation('bss_client', [column('id')]),
  ])
  const among = catalog([...alone.relations, relation('unrelated', [column('id')])])
  const name = { schema: 'public', name: 'crm_client' }
  for (const language of ['zh', 'en'] as const)
    expect(labelsOf(among, language).relation(name)).toEqual(labelsOf(alone, language).relation(name))
  expect(labelsOf(alone, 'en').relation(name).one).toBe('crm client')
})

test.each([
  ['zh', '客户档案', '客户'],
  ['zh', '员工基本信息表', '员工'],
  ['zh', '物料主数据', '物料'],
  ['zh', '考勤记录表', '考勤记录'],
  ['zh', '数据', '数据'],
  ['zh', '日报表', '日报表'],
])('in %s, %s are called %s', (_, comment, noun) => {
  const recorded = catalog([relation('t', [column('id')], { comment })])
  expect(labelsOf(recorded, 'zh').relation({ schema: 'public', name: 't' }).one).toBe(noun)
})

test('two tables whose comments differ in the kind of record keep it', () => {
  const twins = catalog([relation('a', [], { comment: '客户档案' }), relation('b', [], { comment: '客户资料' })])
  expect(twins.relations.map((one) => labelsOf(twins, 'zh').relation(one).one)).toEqual(['客户档案', '客户资料'])
})

test('of a long name the end is said, and of a column not what its table says', () => {
  const name = 'international_freight_forwarding_partner_contract'
  const labels = labelsOf(
    catalog([relation(name, [column(`${name}_id`), column('partner_contract_effective_start_date')])]),
    'en',
  )
  expect(labels.relation({ schema: 'public', name }).one).toBe('forwarding partner contract')
  expect(labels.column({ schema: 'public', name }, `${name}_id`).one).toBe('ID')
  expect(labels.column({ schema: 'public', name }, 'partner_contract_effective_start_date').one).toBe(
    'effective start date',
  )
})

test('abbreviations are written out and ids are called IDs', () => {
  const labels = labelsOf(roads, 'en')
  expect(labels.column({ schema: 'public', name: 'bss_car_day_count' }, 'cust_qty').one).toBe('customer quantity')
  expect(labels.column({ schema: 'public', name: 'bss_service_area' }, 'company_id').one).toBe('company ID')
  expect(labelsOf(roads, 'zh').column({ schema: 'public', name: 'bss_service_area' }, 'company_id').one).toBe(
    '公司编号',
  )
})

test('two tables of one name in different schemas are told apart', () => {
  const twins = catalog([relation('customer', [column('id')]), relation('customer', [column('id')], { schema: 'crm' })])
  const labels = labelsOf(twins, 'en')
  expect(labels.relation({ schema: 'crm', name: 'customer' }).one).toBe('crm customer')
  expect(labels.relation({ schema: 'public', name: 'customer' }).one).toBe('customer')
})

const desk = catalog([
  relation('account', [
    column('number'),
    column('created_by'),
    column('starts_on', { baseType: 'date', category: 'D' }),
    column('valid_from', { baseType: 'date', category: 'D' }),
    column('ship_via'),
    column('approved_by_id'),
    column('reports_to'),
    column('carried_by'),
    column('fax'),
    column('sku'),
    column('active', { category: 'N' }),
    column('activebool', { category: 'B' }),
    column('weight_kg', { category: 'N' }),
    column('from_store_id'),
  ]),
  relation('line', [column('qty', { comment: '数量' })]),
  relation('countries', [column('id'), column('country')]),
  relation('address', [column('id'), column('address')]),
])
const staffed = {
  ...desk,
  foreignKeys: [
    { ...foreignKey('account', 'account'), fromColumns: ['reports_to'] },
    { ...foreignKey('account', 'countries'), fromColumns: ['carried_by'] },
  ],
}

test.each([
  ['en', 'account', 'number', 'account number', 'account numbers'],
  ['en', 'account', 'created_by', 'creator', 'creators'],
  ['zh', 'account', 'created_by', '创建人', '创建人'],
  ['en', 'account', 'starts_on', 'start date', 'start dates'],
  ['en', 'account', 'valid_from', 'valid from date', 'valid from dates'],
  ['en', 'account', 'ship_via', 'ship via value', 'ship via values'],
  ['en', 'account', 'reports_to', 'manager ID', 'manager IDs'],
  ['zh', 'account', 'reports_to', '上级编号', '上级编号'],
  ['en', 'account', 'carried_by', 'country ID', 'country IDs'],
  ['zh', 'account', 'carried_by', '国家编号', '国家编号'],
  ['en', 'account', 'fax', 'fax number', 'fax numbers'],
  ['en', 'account', 'sku', 'SKU', 'SKUs'],
  ['en', 'account', 'active', 'active code', 'active codes'],
  ['zh', 'account', 'active', '有效代码', '有效代码'],
  ['en', 'account', 'approved_by_id', 'approver ID', 'approver IDs'],
  ['zh', 'account', 'approved_by_id', '审批人编号', '审批人编号'],
  ['en', 'account', 'weight_kg', 'weight in kg', 'weights in kg'],
  ['zh', 'account', 'weight_kg', '重量（公斤）', '重量（公斤）'],
  ['en', 'account', 'from_store_id', 'source store ID', 'source store IDs'],
  ['zh', 'account', 'from_store_id', '来源门店编号', '来源门店编号'],
  ['en', 'countries', 'country', 'country name', 'country names'],
  ['zh', 'countries', 'country', '国家名称', '国家名称'],
  ['en', 'address', 'address', 'street address', 'street addresses'],
  ['zh', 'line', 'qty', '件数', '件数'],
] as const)('in %s, %s.%s is called %s, and several of them %s', (language, name, columnName, one, many) => {
  expect(labelsOf(staffed, language).column({ schema: 'public', name }, columnName)).toEqual({ one, many })
})
