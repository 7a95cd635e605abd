import { Problem } from '../../platform/problems.ts'
import type { Json } from '../definition/definition.ts'
import type { Comparison, Expression } from './condition.ts'
import { isList, lookUp, type ValueScope } from './values.ts'

/**
 * Whether a condition holds. What has no value is null; null is not true, and no order holds for it.
 * @throws {Problem} `type_mismatch` where a value is no truth, or two can't be compared
 */
export function holds(condition: Expression, scope: ValueScope): boolean {
  const value = evaluate(condition, scope)
  if (typeof value === 'boolean') return value
  if (value === null) return false
  throw new Problem('type_mismatch', `A condition is true or false, and ${shown(value)} is neither`, {
    hint: 'Compare it with something',
  })
}

function evaluate(expression: Expression, scope: ValueScope): Json {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'reference':
      return lookUp(expression.reference, scope) ?? null
    case 'list':
      return expression.items.map((item) => evaluate(item, scope))
    case 'not':
      return !holds(expression.operand, scope)
    case 'and':
      return holds(expression.left, scope) && holds(expression.right, scope)
    case 'or':
      return holds(expression.left, scope) || holds(expression.right, scope)
    case 'compare':
      return compare(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope))
  }
}

function compare(operator: Comparison, left: Json, right: Json): boolean {
  switch (operator) {
    case '==':
      return isSame(left, right)
    case '!=':
      return !isSame(left, right)
    case 'in':
      return isIn(left, right)
    case 'not in':
      return !isIn(left, right)
    default:
      return isOrdered(operator, left, right)
  }
}

function isOrdered(operator: '<' | '<=' | '>' | '>=', left: Json, right: Json): boolean {
  if (left === null || right === null) return false
  const numbers = typeof left === 'number' && typeof right === 'number'
  const texts = typeof left === 'string' && typeof right === 'string'
  if (!numbers && !texts) {
    throw new Problem(
      'type_mismatch',
      `${shown(left)} ${operator} ${shown(right)}: only two numbers or two texts have an order`,
    )
  }
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}

function isIn(item: Json, whole: Json): boolean {
  if (whole === null) return false
  if (isList(whole)) return whole.some((one) => isSame(one, item))
  if (typeof whole === 'string' && typeof item === 'string') return whole.includes(item)
  throw new Problem('type_mismatch', `${shown(item)} can not be in ${shown(whole)}: that takes a list, or two texts`)
}

/** Equal as JSON: the order of an object's properties does not count. */
export function isSame(one: Json, other: Json): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (isList(one) || isList(other)) {
    if (!isList(one) || !isList(other) || one.length !== other.length) return false
    return one.every((item, index) => isSame(item, other[index] ?? null))
  }
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name] ?? null, other[name] ?? null))
}

const SHOWN_MAX = 60

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
