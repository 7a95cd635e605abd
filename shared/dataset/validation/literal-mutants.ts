import { type Edit, isInList, isWord, type Token, tokenAt } from './tokens.ts'
import { locationOf, type TreeNode } from './tree.ts'

export interface LiteralChange {
  readonly kind: 'change_literal' | 'change_limit'
  readonly edits: readonly Edit[]
}

const COMPARES = /^(?:[=<>]|[<>!]=|<>|between|and|in)$/i
const COMPARES_TEXT = /^(?:=|<>|!=|like|ilike|in)$/i
const DATE = /^'\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::?\d\d)?)?)?'$/

/**
 * A number one higher or lower, a day later or earlier, a text that is nowhere. Numbers that stand for a column of the
 * result are left alone.
 */
export function literalChanges(tokens: readonly Token[], constant: TreeNode): readonly LiteralChange[] {
  const index = tokenAt(tokens, locationOf(constant))
  const token = tokens[index]
  if (token === undefined) return []
  if (token.text === '-' && tokens[index + 1]?.kind === 'number') return numberChanges(tokens, index, index + 1)
  if (token.kind === 'number') return numberChanges(tokens, index, index)
  if (token.kind !== 'string' || !token.text.startsWith("'")) return []
  return DATE.test(token.text) ? dateChanges(tokens, index) : textChanges(tokens, index)
}

/** @param first the sign, or the number itself */
function numberChanges(tokens: readonly Token[], first: number, number: number): readonly LiteralChange[] {
  const [before, sign, token] = [tokens[first - 1], tokens[first], tokens[number]]
  if (sign === undefined || token === undefined) return []
  const limit = isWord(before, 'limit', 'first', 'offset')
  if (!limit && !isCompared(tokens, first)) return []
  const value = Number(token.text) * (first === number ? 1 : -1)
  const decimals = token.text.split('.')[1]?.length ?? 0
  if (!Number.isSafeInteger(Math.trunc(value)) || /e/i.test(token.text)) return []
  return (limit ? [1] : [1, -1]).map((step) => ({
    kind: limit ? 'change_limit' : 'change_literal',
    edits: [{ start: sign.start, end: token.end, text: (value + step).toFixed(decimals) }],
  }))
}

/** Left to the database to count: a day after the last of a month is the first of the next. */
function dateChanges(tokens: readonly Token[], index: number): readonly LiteralChange[] {
  const [before, token] = [tokens[index - 1], tokens[index]]
  if (token === undefined) return []
  const typed = isWord(before, 'date', 'timestamp', 'timestamptz') ? before : undefined
  if (!isCompared(tokens, typed === undefined ? index : index - 1)) return []
  const type = typed?.text ?? (/[+-]\d\d(?::?\d\d)?'$/.test(token.text.slice(11)) ? 'timestamptz' : 'timestamp')
  return ['+', '-'].map((sign) => ({
    kind: 'change_literal',
    edits: [
      {
        start: (typed ?? token).start,
        end: token.end,
        text: `(${type} ${token.text} ${sign} interval '1 day')`,
      },
    ],
  }))
}

function textChanges(tokens: readonly Token[], index: number): readonly LiteralChange[] {
  const [before, token] = [tokens[index - 1], tokens[index]]
  const compared = COMPARES_TEXT.test(before?.text ?? '') || isInList(tokens, index)
  if (token === undefined || !compared || /^'[-\d:. ]+'$/.test(token.text)) return [] // a time: it has no neighbour here
  return [{ kind: 'change_literal', edits: [{ start: token.start, end: token.end, text: "'helix-mutant'" }] }]
}

function isCompared(tokens: readonly Token[], index: number): boolean {
  return COMPARES.test(tokens[index - 1]?.text ?? '') || isInList(tokens, index)
}
