import type { Tree } from './tree.ts'

// Names and values: what one statement says about one schema. Function names stay; they are part of the form.
const NAME_FIELDS: ReadonlySet<string> = new Set([
  'relname',
  'schemaname',
  'catalogname',
  'aliasname',
  'ctename',
  'name_location',
  'location',
])

/** The form of a statement without identifiers and literals: equal for statements that ask the same of other tables. */
export function skeletonOf(tree: Tree): string {
  return JSON.stringify(tree.stmts, function (this: unknown, key: string, value: unknown) {
    if (key === 'location' || key === 'stmt_len' || key === 'stmt_location') return undefined
    if (NAME_FIELDS.has(key) || key === 'colnames' || key === 'aliascolnames' || key === 'usingClause') return '?'
    if (key === 'A_Const') return '?'
    if (key === 'name' && typeof value === 'string') return undefined // the label of a result column
    return key === 'ColumnRef' ? columnShape(value) : value
  })
}

/** A star is form; whether a column is qualified is not. */
function columnShape(value: unknown): string {
  return JSON.stringify(value).includes('A_Star') ? '*' : 'column'
}
