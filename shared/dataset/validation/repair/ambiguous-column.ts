import { quoteIdentifier } from '../../catalog/quote.ts'
import { type Edit, edited, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

/** A bare column that several tables in FROM have: each of them is proposed, the first one named first. */
export const ambiguousColumn: TreeRule = {
  name: 'ambiguous-column',
  propose({ sql, tokens, names }: ParsedContext) {
    const ambiguous = names.columns.filter(
      (use) => use.qualifier === null && use.owners.length > 1 && use.location >= 0 && !use.scope.merged.has(use.name),
    )
    const choices = Math.max(0, ...ambiguous.map((use) => use.owners.length))
    return Array.from({ length: choices }, (_, choice) => {
      const edits = ambiguous.flatMap((use): Edit[] => {
        const token = tokens[tokenAt(tokens, use.location)]
        const owner = use.owners[choice] ?? use.owners[0]
        if (token === undefined || owner === undefined) return []
        return [{ start: token.start, end: token.start, text: `${quoteIdentifier(owner.name)}.` }]
      })
      return edited(sql, edits)
    })
  },
}
