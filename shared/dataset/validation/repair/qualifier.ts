import { quoteIdentifier } from '../../catalog/quote.ts'
import type { ColumnUse } from '../resolve.ts'
import { reachable, type ScopeEntry, type TableUse } from '../scope.ts'
import { dottedName, type Edit, edited, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'
import { similarNames } from './similar-names.ts'

/** A name before a dot that nothing in FROM bears: an alias that was not given, or the table's name beside its alias. */
export const qualifier: TreeRule = {
  name: 'qualifier',
  propose(context: ParsedContext) {
    const lost = context.names.columns.filter(isLost)
    if (lost.length === 0) return []
    const renamed = [0, 1].map((rank) => {
      const edits = lost.flatMap((use) =>
        replacement(context, use, entriesFor(use, lost)[rank] ?? entriesFor(use, lost)[0]),
      )
      return edited(context.sql, edits)
    })
    const aliased = edited(context.sql, aliasEdits(context, lost))
    // Where a table stands in the statement twice, one of the two had this name; else the name itself is the mistake.
    const named = new Set(context.names.tables.map(({ name }) => name))
    const proposals = named.size < context.names.tables.length ? [aliased, ...renamed] : [...renamed, aliased]
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

/** Gives a lost name back to a table in FROM that has none, has all its columns, and is not called by its own name. */
function aliasEdits({ tokens, names }: ParsedContext, lost: readonly ColumnUse[]): Edit[] {
  const edits = new Map<number, Edit>()
  for (const qualifier of new Set(lost.map((use) => use.qualifier ?? ''))) {
    const uses = lost.filter((use) => use.qualifier === qualifier)
    const [first] = uses
    if (first === undefined) continue
    const called = names.columns.filter((use) => use.known && use.qualifier !== null)
    const free = entriesFor(first, lost).filter(({ table, columns }) => {
      if (table === null || table.alias !== null || edits.has(table.location)) return false
      return columns !== null && !isCalled(table, called, names.tables)
    })
    // The last of several: a query that joins a table to itself names the second one.
    const table = free.at(-1)?.table
    const end = dottedName(tokens, tokenAt(tokens, table?.location ?? -1)).at(-1)?.end
    if (table === null || table === undefined || end === undefined) continue
    edits.set(table.location, { start: end, end, text: ` as ${quoteIdentifier(qualifier)}` })
  }
  return [...edits.values()]
}

/** Whether the statement uses the table's own name, and no other table in it can be meant. */
function isCalled(table: TableUse, called: readonly ColumnUse[], tables: readonly TableUse[]): boolean {
  const twins = tables.filter((other) => other !== table && other.alias === null && other.name === table.name)
  return twins.length === 0 && called.some((use) => use.qualifier === table.name)
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
