import { quoteIdentifier } from '../../catalog/quote.ts'
import type { ColumnUse, Resolution } from '../resolve.ts'
import type { ScopeEntry } from '../scope.ts'
import { type Edit, edited, tokenAt } from '../tokens.ts'
import { comparedWith } from './compared-with.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

/** A bare column that several tables in FROM have: each of them is proposed, the likeliest first. */
export const ambiguousColumn: TreeRule = {
  name: 'ambiguous-column',
  propose({ sql, tokens, tree, names, failure }: ParsedContext) {
    const ambiguous = names.columns.filter((use) => {
      const bare = use.qualifier === null && use.location >= 0 && !use.scope.merged.has(use.name)
      // What a recursion or a function yields is not known here, and may have the column, too.
      const opaque = failure.class === 'ambiguous' && use.scope.entries.some(({ columns }) => columns === null)
      return bare && (use.owners.length > 1 || (use.owners.length === 1 && opaque))
    })
    const partners = comparedWith(tree)
    const owners = new Map(ambiguous.map((use) => [use, ownersFor(use, names, partners.get(use.location) ?? [])]))
    const choices = Math.max(0, ...ambiguous.map((use) => use.owners.length))
    return Array.from({ length: choices }, (_, choice) => {
      const edits = ambiguous.flatMap((use): Edit[] => {
        const token = tokens[tokenAt(tokens, use.location)]
        const owner = owners.get(use)?.[choice] ?? owners.get(use)?.[0]
        if (token === undefined || owner === undefined) return []
        return [{ start: token.start, end: token.start, text: `${quoteIdentifier(owner.name)}.` }]
      })
      return edited(sql, edits)
    })
  },
}

/** Not the table whose column stands on the other side; before others one that the statement names with this column. */
function ownersFor(use: ColumnUse, names: Resolution, partners: readonly (readonly string[])[]): ScopeEntry[] {
  const beside = new Set(partners.map((fields) => fields.at(-2)))
  const named = new Set(
    names.columns
      .filter((other) => other.scope === use.scope && other.name === use.name && other.qualifier !== null)
      .map((other) => other.qualifier),
  )
  const cost = ({ name }: ScopeEntry) => (beside.has(name) ? 2 : 0) + (beside.size === 0 && !named.has(name) ? 1 : 0)
  return use.owners.toSorted((one, other) => cost(one) - cost(other))
}
