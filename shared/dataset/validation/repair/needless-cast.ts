import { type Edit, edited, tokenAt } from '../tokens.ts'
import { listOf, locationOf, nodeIf, nodesBelow, type TreeNode, textsOf } from '../tree.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

const TEXT_TYPE = /^(?:text|varchar|bpchar|name)$/

/** A column that was cast to text, where its own type is what a comparison, a sum or a date needs. */
export const needlessCast: TreeRule = {
  name: 'needless-cast',
  propose(context: ParsedContext) {
    const { sql, tree, failure } = context
    if (failure.class !== 'type_mismatch' && failure.class !== 'unknown_function') return []
    const edits = [...nodesBelow(tree.stmts)].flatMap(({ kind, node }) =>
      kind === 'TypeCast' ? castEdits(context, node) : [],
    )
    return edits.length === 0 ? [] : [edited(sql, edits)]
  },
}

function castEdits({ tokens, names }: ParsedContext, node: TreeNode): Edit[] {
  const type = textsOf((node.typeName as TreeNode | undefined)?.names).at(-1) ?? ''
  const column = nodeIf(node.arg, 'ColumnRef')
  if (column === null || !TEXT_TYPE.test(type)) return []
  const base = names.columns.find((use) => use.location === locationOf(column))?.base[0]
  if (base === undefined || base.column.category === 'S') return []
  const first = tokenAt(tokens, locationOf(column))
  const last = first + listOf(column.fields).length * 2 - 2
  const [before, after] = [tokens[first - 1], tokens[last + 1]]
  const end = tokens[last]?.end
  if (end === undefined) return []
  // `column::text`, or `cast(column as text)`
  const colons = after?.text === '::' ? tokens[last + 2] : undefined
  if (colons !== undefined) return [{ start: end, end: colons.end, text: '' }]
  const [opening, closing] = [tokens[first - 2], tokens[last + 3]]
  if (before?.text !== '(' || opening?.text.toLowerCase() !== 'cast' || closing?.text !== ')') return []
  return [
    { start: opening.start, end: before.end, text: '' },
    { start: end, end: closing.end, text: '' },
  ]
}
