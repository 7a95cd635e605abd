import type { Catalog } from '../../catalog/catalog.ts'
import { quoteIdentifier } from '../../catalog/quote.ts'
import { type Edit, edited, type Token } from '../tokens.ts'
import type { RepairContext, TextRule } from './rule.ts'

/** A name with spaces, dashes or a leading digit without its quotes: `zip code`, which otherwise reads as a name and an alias. */
export const spacedName: TextRule = {
  name: 'spaced-name',
  propose({ sql, tokens, catalog, failure }: RepairContext) {
    if (failure.class !== 'syntax' && failure.class !== 'unknown_column' && failure.class !== 'unknown_table') return []
    const odd = oddNames(catalog)
    const edits = tokens.flatMap((_, index) => odd.flatMap((name) => nameEdits(sql, tokens, index, name)))
    return edits.length === 0 ? [] : [edited(sql, edits)]
  },
}

/** Names that can't be written as one word, the longest first. */
function oddNames(catalog: Catalog): readonly string[] {
  const names = catalog.relations.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)])
  return [...new Set(names)]
    .filter((name) => !/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name) && /^[\p{L}\p{N}_]/u.test(name))
    .toSorted((one, other) => other.length - one.length)
}

function nameEdits(sql: string, tokens: readonly Token[], index: number, name: string): Edit[] {
  const first = tokens[index]
  if (first === undefined || (first.kind !== 'word' && first.kind !== 'number')) return []
  const end = first.start + name.length
  if (sql.slice(first.start, end).toLowerCase() !== name.toLowerCase()) return []
  return tokens.some((token) => token.end === end) ? [{ start: first.start, end, text: quoteIdentifier(name) }] : []
}
