import { type Catalog, type ForeignKey, sameRelation } from '../catalog/catalog.ts'
import { lookUpBase, type Resolution } from './resolve.ts'
import type { BaseColumn } from './scope.ts'
import { dottedName, type Edit, type Token, tokenAt } from './tokens.ts'
import { locationOf, nodeIf, type TreeNode, textsOf } from './tree.ts'

/**
 * A join by another key between the same two tables (the return airport instead of the departure airport); by a key
 * to its own table, the other way round (the manager instead of the employee).
 */
export function roleChanges(
  tokens: readonly Token[],
  comparison: TreeNode,
  names: Resolution,
  catalog: Catalog,
): readonly (readonly Edit[])[] {
  if (comparison.kind !== 'AEXPR_OP' || textsOf(comparison.name).at(-1) !== '=') return []
  const [left, right] = [nodeIf(comparison.lexpr, 'ColumnRef'), nodeIf(comparison.rexpr, 'ColumnRef')]
  if (left === null || right === null) return []
  return [[left, right] as const, [right, left] as const].flatMap(([one, other]) => {
    const [from, to] = [lookUpBase(names, one), lookUpBase(names, other)]
    const [fromName, toName] = [columnToken(tokens, one), columnToken(tokens, other)]
    if (from === null || to === null || fromName === undefined || toName === undefined) return []
    return catalog.foreignKeys.flatMap((key) => {
      const at = placeIn(key, from, to)
      if (at === -1) return []
      const others = catalog.foreignKeys.flatMap((rival) => rivalColumn(key, rival, at) ?? [])
      const rivals = others.map((column) => [replaced(fromName, `"${column.replaceAll('"', '""')}"`)])
      if (!sameRelation(key.from, key.to)) return rivals
      return [[replaced(fromName, toName.text), replaced(toName, fromName.text)], ...rivals]
    })
  })
}

/** Which columns of the key are compared; -1 when they are none of it. */
function placeIn(key: ForeignKey, from: BaseColumn, to: BaseColumn): number {
  if (!sameRelation(key.from, from.relation) || !sameRelation(key.to, to.relation)) return -1
  return key.fromColumns.findIndex(
    (column, index) => column === from.column.name && key.toColumns[index] === to.column.name,
  )
}

function rivalColumn(key: ForeignKey, rival: ForeignKey, at: number): string | null {
  const column = rival.fromColumns[at]
  const related =
    sameRelation(rival.from, key.from) && sameRelation(rival.to, key.to) && rival.toColumns[at] === key.toColumns[at]
  return related && column !== undefined && column !== key.fromColumns[at] ? column : null
}

function columnToken(tokens: readonly Token[], column: TreeNode): Token | undefined {
  return dottedName(tokens, tokenAt(tokens, locationOf(column))).at(-1)
}

function replaced(token: Token, text: string): Edit {
  return { start: token.start, end: token.end, text }
}
