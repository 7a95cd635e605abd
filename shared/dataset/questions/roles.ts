import type { Catalog, Column, Relation } from '../catalog/catalog.ts'
import { sameRelation } from '../catalog/catalog.ts'
import type { ColumnProfile } from '../catalog/profile.ts'

/** What a column means to a person who asks about the data. */
export type Role =
  | 'key'
  | 'foreign_key'
  | 'measure'
  | 'money'
  | 'year'
  | 'category'
  | 'flag'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'duration'
  | 'name'
  | 'text'
  | 'code'
  | 'contact'
  | 'coordinates'
  | 'json'
  | 'array'
  | 'search'
  | 'binary'
  | 'other'

// More values than this are not a list that a person keeps in mind.
const CATEGORY_VALUES_MAX = 60
const LONG_TEXT_CHARACTERS = 60

const NUMBER_TYPES = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money'])
const INTEGER_TYPES = new Set(['int2', 'int4', 'int8'])
const MONEY =
  /amount|price|cost|\bfee|salary|wage|revenue|income|budget|payment|balance|discount|total|charge|tax|freight|rate$|profit|金额|价格|单价|总价|费用|成本|收入|支付|工资|营收|折扣|余额|利润|税|运费/
const COORDINATES = /^(lat|lng|lon|latitude|longitude|geo x|geo y)$|latitude|longitude|经度|纬度/
const CODE =
  /\b(code|no|number|num|sku|isbn|ean|vin|zip|postal|postcode|uuid|guid|hash|token|ref|reference|abbr|abbreviation|serial|version)\b|编号|编码|代码|邮编|流水号/
const CONTACT =
  /\b(email|mail|e mail|phone|fax|mobile|tel|telephone|url|website|homepage|home page|web|address|address 2|street|password|photo path|ip)\b|电话|手机|邮箱|地址|网址|传真|密码/
const NAME = /\b(name|title|label|caption|subject|headline)\b|名称|姓名|标题|名字|名$/
const LONG_TEXT =
  /\b(description|note|notes|comment|comments|remark|remarks|body|content|text|summary|bio|message|reason|special features)\b|描述|备注|说明|内容|简介|原因/
const CATEGORY =
  /\b(status|state|type|kind|level|class|category|group|gender|rating|grade|priority|country|region|city|source|channel|method|mode)\b|状态|类型|类别|级别|性别|分类|等级|渠道|方式|城市|国家|地区|省/
const FLAG = /^(is|has|can|was|allow|active|enabled|deleted|discontinued|activebool)\b|是否|有效|启用|停用/
const ENDS_IN_FLAG = /\b(flag|yn)\b/
const FLAG_VALUES = new Set(['0', '1', 'y', 'n', 't', 'f', 'yes', 'no', 'true', 'false'])

/** The role of a column, from its type, its keys, its name and comment, and what its data looks like. */
export function columnRole(
  catalog: Catalog,
  relation: Relation,
  column: Column,
  profile: ColumnProfile,
  words: readonly string[] = [],
): Role {
  const text =
    `${words.length > 0 ? words.join(' ') : column.name.replaceAll('_', ' ').toLowerCase()} ${column.comment ?? ''}`.trim()
  if (column.isArray) return 'array'
  const byType = roleOfType(column)
  if (byType !== null) return byType
  if (isForeignKey(catalog, relation, column)) return 'foreign_key'
  const identifier =
    /(^|[ _])(id|uuid|guid|key)$|[a-z](Id|ID)$/.test(column.name) || /^[a-z]{0,2}id$/i.test(column.name)
  if (isKey(relation, column) && (identifier || column.identity !== null || column.category !== 'S')) return 'key'
  if (identifier) return 'key'
  return NUMBER_TYPES.has(column.baseType) ? numberRole(column, profile, text) : textRole(profile, text)
}

function roleOfType(column: Column): Role | null {
  switch (column.baseType) {
    case 'json':
    case 'jsonb':
      return 'json'
    case 'bytea':
      return 'binary'
    case 'tsvector':
      return 'search'
    case 'date':
      return 'date'
    case 'timestamp':
    case 'timestamptz':
      return 'timestamp'
    case 'time':
    case 'timetz':
      return 'time'
    case 'interval':
      return 'duration'
    case 'bool':
      return 'flag'
    case 'uuid':
      return 'key'
  }
  if (column.category === 'E' || column.enumLabels !== null) return 'category'
  const textual = column.category === 'S' || column.category === 'Z'
  return textual || NUMBER_TYPES.has(column.baseType) ? null : 'other'
}

function numberRole(column: Column, profile: ColumnProfile, text: string): Role {
  const integer = INTEGER_TYPES.has(column.baseType)
  const values = profile.values.map(({ value }) => value)
  if (COORDINATES.test(text)) return 'coordinates'
  if (
    integer &&
    (FLAG.test(text) || ENDS_IN_FLAG.test(text)) &&
    profile.valuesComplete &&
    values.every((value) => FLAG_VALUES.has(value))
  )
    return 'flag'
  if (integer && /\byear\b|年份|年度/.test(text) && inRange(profile, 1000, 3000)) return 'year'
  if (integer && CATEGORY.test(text) && profile.distinct <= CATEGORY_VALUES_MAX) return 'category'
  if (integer && CODE.test(text)) return 'code'
  return MONEY.test(text) ? 'money' : 'measure'
}

function textRole(profile: ColumnProfile, text: string): Role {
  const answers = profile.valuesComplete && profile.values.every(({ value }) => FLAG_VALUES.has(value.toLowerCase()))
  if (answers && profile.distinct > 0 && (FLAG.test(text) || ENDS_IN_FLAG.test(text))) return 'flag'
  if (LONG_TEXT.test(text) || profile.averageLength > LONG_TEXT_CHARACTERS) return 'text'
  const few = profile.valuesComplete && profile.distinct > 0 && profile.distinct <= CATEGORY_VALUES_MAX
  const repeated = profile.values.some(({ count }) => count > 1)
  if (CONTACT.test(text)) return 'contact'
  if (NAME.test(text) && !CATEGORY.test(text) && !(few && repeated && /title|头衔|职位/.test(text))) return 'name'
  if (few && repeated) return 'category'
  if (CODE.test(text)) return 'code'
  return CATEGORY.test(text) && repeated ? 'category' : 'name'
}

function inRange(profile: ColumnProfile, low: number, high: number): boolean {
  return profile.min !== null && profile.max !== null && Number(profile.min) >= low && Number(profile.max) <= high
}

function isForeignKey(catalog: Catalog, relation: Relation, column: Column): boolean {
  return catalog.foreignKeys.some((key) => sameRelation(key.from, relation) && key.fromColumns.includes(column.name))
}

function isKey(relation: Relation, column: Column): boolean {
  return relation.primaryKey?.columns.includes(column.name) ?? false
}

/** Whether the type has an order and equality that a question can use: else never grouped, sorted or compared. */
export function isComparable(column: Column): boolean {
  if (column.isArray) return false
  if (
    ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'date', 'timestamp', 'timestamptz'].includes(
      column.baseType,
    )
  )
    return true
  return (
    ['S', 'E', 'B', 'D', 'T'].includes(column.category) ||
    ['uuid', 'bool', 'citext', 'inet', 'money'].includes(column.baseType)
  )
}

/** Whether sum() and avg() make sense to the type; a money type is compared but never rounded or averaged. */
export function isNumeric(column: Column): boolean {
  return !column.isArray && NUMBER_TYPES.has(column.baseType) && column.baseType !== 'money'
}
