import type { Json } from '../definition/definition.ts'
import { nearestName } from '../definition/near-miss.ts'
import { parseReference, type Reference } from './reference.ts'
import { type Span, SyntaxFault, type Token, Tokens } from './syntax.ts'

export const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>', 'in', 'not in'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** A condition as it was read: what is compared with what. */
export type Expression = Span &
  (
    | { readonly kind: 'literal'; readonly value: Json }
    | { readonly kind: 'reference'; readonly reference: Reference }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  )

export const CONDITION_LENGTH_MAX = 2_000 // a condition is read by people; longer ones belong into a node
const DEPTH_MAX = 50 // parentheses, lists and nots inside each other: the reader's own stack is not endless
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }
const WORDS_KNOWN = ['nodes', 'inputs', 'item', 'index', 'true', 'false', 'null', 'not']
const JOINING = ['and', 'or', 'in', 'not']

/**
 * Reads a condition: comparisons (`== != < <= > >= in`, `not in`) of references, texts, numbers, `true`, `false`, `null`
 * and lists, joined by `and`, `or`, `not` (or `&& || !`) and parentheses. References may stand in `{{ }}` or without.
 * @throws {SyntaxFault} with the place where it can't be read
 */
export function parseCondition(source: string): Expression {
  if (source.length > CONDITION_LENGTH_MAX) {
    const said = {
      zh: `条件最多 ${CONDITION_LENGTH_MAX} 个字符`,
      en: `A condition has at most ${CONDITION_LENGTH_MAX} characters`,
    }
    throw new SyntaxFault(said, { start: CONDITION_LENGTH_MAX, end: source.length })
  }
  const tokens = new Tokens(source)
  const condition = either(tokens, 0)
  const rest = tokens.peek()
  if (rest.kind === 'end') return condition
  return tokens.fail(
    { zh: `条件在 ${rest.text} 之前已经结束`, en: `The condition ends before ${rest.text}` },
    rest.kind === 'name' ? nearestName(rest.text, JOINING) : undefined,
  )
}

function either(tokens: Tokens, depth: number): Expression {
  let left = both(tokens, depth)
  while (tokens.isNext('or') || tokens.isNext('||')) {
    tokens.take()
    const right = both(tokens, depth)
    left = { kind: 'or', left, right, start: left.start, end: right.end }
  }
  return left
}

function both(tokens: Tokens, depth: number): Expression {
  let left = negation(tokens, depth)
  while (tokens.isNext('and') || tokens.isNext('&&')) {
    tokens.take()
    const right = negation(tokens, depth)
    left = { kind: 'and', left, right, start: left.start, end: right.end }
  }
  return left
}

function negation(tokens: Tokens, depth: number): Expression {
  assertDepth(tokens, depth)
  const not = tokens.accept('not') ?? tokens.accept('!')
  if (not === null) return comparison(tokens, depth)
  const operand = negation(tokens, depth + 1)
  return { kind: 'not', operand, start: not.start, end: operand.end }
}

function comparison(tokens: Tokens, depth: number): Expression {
  const left = operand(tokens, depth)
  const operator = operatorOf(tokens)
  if (operator === null) return left
  const right = operand(tokens, depth)
  const found = { kind: 'compare' as const, operator, left, right, start: left.start, end: right.end }
  if (operatorOf(tokens) === null) return found
  // `a < b < c` would compare a truth with a number.
  throw new SyntaxFault(
    { zh: '比较不能连写，请用 and 连接', en: 'Comparisons can not be chained; join them by and' },
    { start: found.end, end: tokens.peek().start },
    'and',
  )
}

function operatorOf(tokens: Tokens): Comparison | null {
  if (tokens.accept('not') !== null) {
    tokens.expect('in')
    return 'not in'
  }
  const found = COMPARISONS.find((operator) => tokens.isNext(operator))
  if (found !== undefined) tokens.take()
  return found ?? null
}

function operand(tokens: Tokens, depth: number): Expression {
  assertDepth(tokens, depth)
  const first = tokens.peek()
  if (tokens.accept('(') !== null) {
    const inner = either(tokens, depth + 1)
    tokens.expect(')')
    return inner
  }
  if (tokens.accept('[') !== null) return list(tokens, first, depth + 1)
  if (tokens.accept('{{') !== null) {
    const reference = parseReference(tokens)
    const close = tokens.expect('}}')
    return { kind: 'reference', reference, start: first.start, end: close.end }
  }
  if (first.kind === 'string') return literal(tokens.take(), first.text)
  if (first.kind === 'number') return literal(tokens.take(), Number(first.text))
  const word = first.kind === 'name' && Object.hasOwn(WORDS, first.text) ? WORDS[first.text] : undefined
  if (word !== undefined) return literal(tokens.take(), word)
  if (first.kind !== 'name') {
    return tokens.fail({ zh: '此处应为值或引用', en: 'A value or a reference is expected here' })
  }
  if (!WORDS_KNOWN.slice(0, 4).includes(first.text)) {
    return tokens.fail(
      { zh: `${first.text} 不是值；文本要加引号`, en: `${first.text} is no value; texts are quoted` },
      nearestName(first.text, WORDS_KNOWN) ?? `'${first.text}'`,
    )
  }
  const reference = parseReference(tokens)
  return { kind: 'reference', reference, start: reference.start, end: reference.end }
}

function list(tokens: Tokens, open: Token, depth: number): Expression {
  const items: Expression[] = []
  while (!tokens.isNext(']')) {
    items.push(operand(tokens, depth))
    if (tokens.accept(',') === null) break
  }
  const close = tokens.expect(']')
  return { kind: 'list', items, start: open.start, end: close.end }
}

function literal({ start, end }: Span, value: Json): Expression {
  return { kind: 'literal', value, start, end }
}

function assertDepth(tokens: Tokens, depth: number): void {
  if (depth > DEPTH_MAX) tokens.fail({ zh: '嵌套过深', en: 'This is nested too deeply' })
}

/** Every reference of a condition, in the order in which it is written. */
export function referencesOf(expression: Expression): Reference[] {
  switch (expression.kind) {
    case 'literal':
      return []
    case 'reference':
      return [expression.reference]
    case 'list':
      return expression.items.flatMap(referencesOf)
    case 'not':
      return referencesOf(expression.operand)
    default:
      return [...referencesOf(expression.left), ...referencesOf(expression.right)]
  }
}
