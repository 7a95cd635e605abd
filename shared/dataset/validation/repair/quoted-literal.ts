import { quoteLiteral } from '../../catalog/quote.ts'
import { type Edit, edited, isInList, isWord, type Token, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

const COMPARISON = /^(?:=|<>|!=|>=|<=|<|>|like|ilike|and|between)$/i

/** A value in double quotes or none, which make it a column: `country = "Brazil"`. Comes after the columns' own rules. */
export const quotedLiteral: TreeRule = {
  name: 'quoted-literal',
  propose({ sql, tokens, names }: ParsedContext) {
    const edits = names.columns.flatMap((use): Edit[] => {
      const index = tokenAt(tokens, use.location)
      const token = tokens[index]
      const isValue =
        COMPARISON.test(tokens[index - 1]?.text ?? '') ||
        isInList(tokens, index) ||
        (token?.kind === 'quoted' && isArgument(tokens, index))
      if (use.known || use.qualifier !== null || token === undefined || !isValue) return []
      const text = quoteLiteral(token.kind === 'quoted' ? use.name : token.text)
      return [{ start: token.start, end: token.end, text }]
    })
    return edits.length === 0 ? [] : [edited(sql, edits)]
  },
}

const BEFORE_A_SUBQUERY = ['in', 'as', 'from', 'join', 'lateral', 'exists', 'any', 'all', 'some', 'using', 'over', 'by']

/** Whether a token is a whole argument of a call: `date_trunc("month", …)`. */
function isArgument(tokens: readonly Token[], index: number): boolean {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]]
  if (!/^[(,]$/.test(before?.text ?? '') || !/^[),]$/.test(after?.text ?? '')) return false
  const opening = tokens.findLastIndex(({ text, depth }, at) => at < index && text === '(' && depth === token?.depth)
  const called = tokens[opening - 1]
  return called?.kind === 'word' && !isWord(called, ...BEFORE_A_SUBQUERY)
}
