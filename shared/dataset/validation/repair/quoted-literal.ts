import { quoteLiteral } from '../../catalog/quote.ts'
import { type Edit, edited, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

const COMPARISON = /^(?:=|<>|!=|>=|<=|<|>|like|ilike|in|\(|,|and|between)$/i

/** A value in double quotes or none, which make it a column: `country = "Brazil"`. Comes after the columns' own rules. */
export const quotedLiteral: TreeRule = {
  name: 'quoted-literal',
  propose({ sql, tokens, names }: ParsedContext) {
    const edits = names.columns.flatMap((use): Edit[] => {
      const index = tokenAt(tokens, use.location)
      const token = tokens[index]
      const afterComparison = COMPARISON.test(tokens[index - 1]?.text ?? '')
      if (use.known || use.qualifier !== null || token === undefined || !afterComparison) return []
      const text = quoteLiteral(token.kind === 'quoted' ? use.name : token.text)
      return [{ start: token.start, end: token.end, text }]
    })
    return edits.length === 0 ? [] : [edited(sql, edits)]
  },
}
