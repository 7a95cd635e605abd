import { locationOf, nodeIf, nodesOf, type Tree, textsOf } from '../tree.ts'

/** Columns on the other side of a comparison, as their parts, by the location of a column. */
export function comparedWith(tree: Tree): ReadonlyMap<number, readonly (readonly string[])[]> {
  const partners = new Map<number, string[][]>()
  const note = (column: unknown, other: unknown) => {
    const [one, two] = [nodeIf(column, 'ColumnRef'), nodeIf(other, 'ColumnRef')]
    if (one === null || two === null) return
    const location = locationOf(one)
    partners.set(location, [...(partners.get(location) ?? []), textsOf(two.fields)])
  }
  for (const { lexpr, rexpr } of nodesOf(tree.stmts, 'A_Expr')) {
    note(lexpr, rexpr)
    note(rexpr, lexpr)
  }
  return partners
}

/** How many comparisons have the same column on both sides: hardly ever what was meant. */
export function comparedWithThemselves(tree: Tree): number {
  return nodesOf(tree.stmts, 'A_Expr').filter(({ lexpr, rexpr }) => {
    const [one, other] = [nodeIf(lexpr, 'ColumnRef'), nodeIf(rexpr, 'ColumnRef')]
    return one !== null && other !== null && textsOf(one.fields).join('.') === textsOf(other.fields).join('.')
  }).length
}
