import type { Json } from '../definition/definition.ts'
import type { Expression } from './condition.ts'
import { parseTemplate, type Reference } from './reference.ts'
import type { Text } from './syntax.ts'
import { ANY, commonType, isAcceptable, typeOfValue, typeText, type ValueType } from './types.ts'

/** The type of what a reference leads to; `any` where that is unknown or already told to be wrong. */
export type TypeOf = (reference: Reference) => ValueType

/** The type of a value with references in it. */
export function typeOfTemplate(template: Json, typeOf: TypeOf): ValueType {
  if (typeof template === 'string') {
    if (!template.includes('{{')) return { base: 'string' }
    const { whole } = parseTemplate(template)
    return whole === null ? { base: 'string' } : typeOf(whole)
  }
  if (!Array.isArray(template)) return typeOfValue(template)
  return { base: 'list', item: commonType(template.map((item: Json) => typeOfTemplate(item, typeOf))) }
}

const BOOLEAN: ValueType = { base: 'boolean' }

/** What is wrong with the types of a condition, all of it. */
export function mismatchesIn(condition: Expression, typeOf: TypeOf): Text[] {
  const found: Text[] = []
  const root = check(condition, typeOf, found)
  if (!isTruth(root)) found.push(noTruth(root))
  return found
}

function check(expression: Expression, typeOf: TypeOf, found: Text[]): ValueType {
  switch (expression.kind) {
    case 'literal':
      return typeOfValue(expression.value)
    case 'reference':
      return typeOf(expression.reference)
    case 'list':
      return { base: 'list', item: commonType(expression.items.map((item) => check(item, typeOf, found))) }
    case 'not':
      return truth([expression.operand], typeOf, found)
    case 'and':
    case 'or':
      return truth([expression.left, expression.right], typeOf, found)
    case 'compare': {
      const left = check(expression.left, typeOf, found)
      const right = check(expression.right, typeOf, found)
      const fault = compared(expression.operator, left, right)
      if (fault !== null) found.push(fault)
      return BOOLEAN
    }
  }
}

function truth(operands: readonly Expression[], typeOf: TypeOf, found: Text[]): ValueType {
  for (const operand of operands) {
    const type = check(operand, typeOf, found)
    if (!isTruth(type)) found.push(noTruth(type))
  }
  return BOOLEAN
}

function isTruth({ base }: ValueType): boolean {
  return base === 'boolean' || base === 'any'
}

function noTruth(type: ValueType): Text {
  const name = typeText(type)
  return {
    zh: `条件必须为真或假，而不是 ${name}；请与某个值比较`,
    en: `a condition is true or false, not ${name}; compare it with something`,
  }
}

function compared(operator: string, left: ValueType, right: ValueType): Text | null {
  const both = {
    zh: `${typeText(left)} ${operator} ${typeText(right)}`,
    en: `${typeText(left)} ${operator} ${typeText(right)}`,
  }
  if (operator === '==' || operator === '!=') {
    return isComparable(left, right) ? null : { zh: `${both.zh} 永远不相等`, en: `${both.en} are never equal` }
  }
  if (operator === 'in' || operator === 'not in') return contained(both, left, right)
  const ordered = [left, right].every(({ base }) => ['any', 'number', 'integer'].includes(base))
  const texts = [left, right].every(({ base }) => ['any', 'string'].includes(base))
  if (ordered || texts) return null
  return {
    zh: `${both.zh}：只有两个数字或两段文本才能比较大小`,
    en: `${both.en}: only two numbers or two texts have an order`,
  }
}

function contained(both: Text, item: ValueType, whole: ValueType): Text | null {
  if (whole.base === 'any') return null
  if (whole.base === 'list' && isComparable(item, whole.item ?? ANY)) return null
  if (whole.base === 'string' && (item.base === 'string' || item.base === 'any')) return null
  return {
    zh: `${both.zh}：右侧应为可包含左侧的列表或文本`,
    en: `${both.en}: the right side is a list or a text that can hold the left`,
  }
}

/** Whether two values could be equal: texts and numbers never are, since conditions convert nothing. */
function isComparable(one: ValueType, other: ValueType): boolean {
  const numeric = (type: ValueType) => (type.base === 'integer' ? { ...type, base: 'number' as const } : type)
  const [left, right] = [numeric(one), numeric(other)]
  if (left.base === 'any' || right.base === 'any') return true
  return left.base === right.base && (left.base !== 'list' || isAcceptable(left, right) || isAcceptable(right, left))
}
