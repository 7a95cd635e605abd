import type { Relation } from '../catalog/catalog.ts'
import { displayName } from '../catalog/catalog.ts'
import { columnName } from './coverage.ts'
import type { Missing } from './quality-measures.ts'

/** What a relation's files leave out: the files themselves, a column, a comment word for word. */
export function documentFaults(relation: Relation, ddl: string | null, document: string | null): readonly Missing[] {
  const name = displayName(relation)
  const faults: Missing[] = []
  if (ddl === null) faults.push({ name, reason: 'no_ddl_file' })
  if (document === null) return [...faults, { name, reason: 'no_document' }]
  const text = flat(document)
  if (!isSaid(text, relation.comment)) faults.push({ name, reason: 'comment_left_out' })
  for (const column of relation.columns) {
    const own = columnName(relation, column.name)
    if (!isSaid(text, column.name)) faults.push({ name: own, reason: 'column_left_out' })
    else if (!isSaid(text, column.comment)) faults.push({ name: own, reason: 'comment_left_out' })
  }
  return faults
}

function isSaid(text: string, words: string | null): boolean {
  return words === null || text.includes(flat(words))
}

/** White space and what Markdown escapes do not count. */
function flat(text: string): string {
  return text
    .replaceAll('<br>', ' ')
    .replaceAll(/[\s\\`]+/g, ' ')
    .trim()
}
