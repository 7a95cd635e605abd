import type { Relation } from '../../catalog/catalog.ts'
import { quoteIdentifier, quoteRelation } from '../../catalog/quote.ts'
import type { TableUse } from '../scope.ts'
import { dottedName, type Edit, edited, nameOf, tokenAt } from '../tokens.ts'
import type { ParsedContext, TreeRule } from './rule.ts'
import { similarNames } from './similar-names.ts'

const ALTERNATIVES_MAX = 3

/** A table in the wrong case, without its quotes or its schema, or misspelt. */
export const tableName: TreeRule = {
  name: 'table-name',
  propose(context: ParsedContext) {
    const unknown = context.names.tables.filter((table) => table.relation === null)
    if (unknown.length === 0) return []
    const proposals: string[] = []
    for (let rank = 0; rank < ALTERNATIVES_MAX; rank++) {
      const chosen = unknown.map((table) => {
        const likely = similarNames(table.name, context.catalog.relations, (relation) => relation.name)
        return { table, relation: likely[rank] ?? likely[0] }
      })
      if (chosen.some(({ relation }) => relation === undefined)) return proposals
      const edits = chosen.flatMap(({ table, relation }) =>
        relation === undefined ? [] : renamings(context, table, relation),
      )
      const sql = edited(context.sql, edits)
      if (!proposals.includes(sql)) proposals.push(sql)
    }
    return proposals
  },
}

/** The table itself, and the columns that are qualified with its wrong name. */
function renamings({ tokens, names }: ParsedContext, table: TableUse, relation: Relation): Edit[] {
  const parts = dottedName(tokens, tokenAt(tokens, table.location))
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined) return []
  const edits: Edit[] = [{ start: first.start, end: last.end, text: quoteRelation(relation) }]
  if (table.alias !== null) return edits
  for (const column of names.columns) {
    if (column.qualifier?.toLowerCase() !== table.name.toLowerCase() || column.location < 0) continue
    const named = dottedName(tokens, tokenAt(tokens, column.location))
    const [start, qualifier] = [named[0], named.at(-2)]
    if (start === undefined || qualifier === undefined || nameOf(qualifier) !== column.qualifier) continue
    edits.push({ start: start.start, end: qualifier.end, text: quoteIdentifier(relation.name) })
  }
  return edits
}
