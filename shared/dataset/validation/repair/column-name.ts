import { quoteIdentifier } from '../../catalog/quote.ts'
import type { ColumnUse } from '../resolve.ts'
import { reachable, type ScopeEntry } from '../scope.ts'
import { dottedName, type Edit, edited, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'
import { plain, similarNames } from './similar-names.ts'

const ALTERNATIVES_MAX = 3

interface Place {
  readonly entry: ScopeEntry
  readonly column: string
}

/** A column in the wrong case, without its quotes, misspelt, or asked of the wrong table. */
export const columnName: TreeRule = {
  name: 'column-name',
  propose(context: ParsedContext) {
    const unknown = context.names.columns.filter((use) => !use.known && !isLost(use))
    if (unknown.length === 0) return []
    const proposals: string[] = []
    for (let rank = 0; rank < ALTERNATIVES_MAX; rank++) {
      const edits = unknown.flatMap((use) => {
        const places = placesFor(use)
        return replacement(context, use, places[rank] ?? places[0])
      })
      const sql = edited(context.sql, edits)
      if (sql !== context.sql && !proposals.includes(sql)) proposals.push(sql)
    }
    return proposals
  },
}

function isLost(use: ColumnUse): boolean {
  return use.qualifier !== null && !reachable(use.scope).some((entry) => entry.name === use.qualifier)
}

function placesFor(use: ColumnUse): Place[] {
  const places = reachable(use.scope).flatMap((entry) =>
    [...(entry.columns?.keys() ?? [])].map((column) => ({ entry, column })),
  )
  const own = places.filter(({ entry }) => use.qualifier === null || entry.name === use.qualifier)
  const sameLetters = own.filter(({ column }) => plain(column) === plain(use.name))
  const exactElsewhere = places.filter(({ column }) => use.qualifier !== null && column === use.name)
  const similar = similarNames(use.name, own, ({ column }) => column)
  const elsewhere = similarNames(use.name, places, ({ column }) => column)
  const prefixed = own.filter(({ entry, column }) =>
    differByTableName(use.name, column, entry.table?.name ?? entry.name),
  )
  return [...new Set([...sameLetters, ...exactElsewhere, ...similar, ...prefixed, ...elsewhere])]
}

/** `artist_name` for the `name` of `artists`, or the other way round. */
function differByTableName(wanted: string, column: string, table: string): boolean {
  const tables = [plain(table), plain(table).replace(/s$/, '')]
  return tables.some((name) => plain(wanted) === name + plain(column) || plain(column) === name + plain(wanted))
}

function replacement({ tokens }: ParsedContext, use: ColumnUse, place: Place | undefined): Edit[] {
  const parts = dottedName(tokens, tokenAt(tokens, use.location))
  const [first, last] = [parts[0], parts.at(-1)]
  if (place === undefined || first === undefined || last === undefined) return []
  const column = quoteIdentifier(place.column)
  const qualified = use.qualifier !== null && place.entry.name !== ''
  return [
    { start: first.start, end: last.end, text: qualified ? `${quoteIdentifier(place.entry.name)}.${column}` : column },
  ]
}
