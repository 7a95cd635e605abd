import { quoteIdentifier } from '../../catalog/quote.ts'
import type { ColumnUse } from '../resolve.ts'
import { reachable, type ScopeEntry } from '../scope.ts'
import { dottedName, type Edit, edited, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'
import { similarNames } from './similar-names.ts'

/** A name before a dot that nothing in FROM bears: an alias that was not given, or the table's name beside its alias. */
export const qualifier: TreeRule = {
  name: 'qualifier',
  propose(context: ParsedContext) {
    const lost = context.names.columns.filter(isLost)
    if (lost.length === 0) return []
    const proposals = [0, 1].map((rank) => {
      const edits = lost.flatMap((use) =>
        replacement(context, use, entriesFor(use, lost)[rank] ?? entriesFor(use, lost)[0]),
      )
      return edited(context.sql, edits)
    })
    return [...new Set(proposals)].filter((sql) => sql !== context.sql)
  },
}

function isLost(use: ColumnUse): boolean {
  return use.qualifier !== null && !reachable(use.scope).some((entry) => entry.name === use.qualifier)
}

/** What may be meant, the likeliest first. All columns with the same lost qualifier must belong to it. */
function entriesFor(use: ColumnUse, lost: readonly ColumnUse[]): ScopeEntry[] {
  const wanted = use.qualifier ?? ''
  const together = lost.filter((other) => other.qualifier === wanted && other.scope === use.scope && other.name !== '*')
  const holds = (entry: ScopeEntry) => {
    const columns = [...(entry.columns?.keys() ?? [])].map((name) => name.toLowerCase())
    return entry.columns === null || together.every(({ name }) => columns.includes(name.toLowerCase()))
  }
  const entries = reachable(use.scope).filter((entry) => entry.name !== '')
  const byTable = entries.filter((entry) => entry.table?.name.toLowerCase() === wanted.toLowerCase())
  const bySpelling = similarNames(wanted, entries, (entry) => entry.name)
  // `c` for customer and `ol` for order_line: the letters that words begin with.
  const byInitials = entries.filter((entry) =>
    initials(entry.table?.name ?? entry.name).startsWith(wanted.toLowerCase()),
  )
  const ordered = [
    ...byTable,
    ...byInitials,
    ...bySpelling,
    ...entries.filter((entry) => entry.table?.alias == null),
    ...entries,
  ]
  return [...new Set(ordered)].filter(holds)
}

function replacement({ tokens }: ParsedContext, use: ColumnUse, entry: ScopeEntry | undefined): Edit[] {
  const parts = dottedName(tokens, tokenAt(tokens, use.location))
  const [first, last] = [parts[0], parts[use.name === '*' ? parts.length - 1 : parts.length - 2]]
  if (entry === undefined || first === undefined || last === undefined) return []
  return [{ start: first.start, end: last.end, text: quoteIdentifier(entry.name) }]
}

function initials(name: string): string {
  const words = name.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2').split(/[^\p{L}\d]+/u)
  return words.map((word) => word.slice(0, 1).toLowerCase()).join('')
}
