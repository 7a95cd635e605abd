import { listOf, nodeIf, nodesBelow, nodesOf, type Tree, type TreeNode } from './tree.ts'

export function isRecursive(tree: Tree): boolean {
  return recursiveClauses(tree).length > 0
}

/**
 * Whether a recursion may go on for ever; no plan shows it. It ends where it drops rows that it has seen (`UNION`),
 * where a limit stands in its recursive term, or where it starts from rows without a parent, and then only if it
 * reads a table at all.
 */
export function mayRecurseForever(tree: Tree): boolean {
  return recursiveClauses(tree).some((clause) => {
    const ctes = nodesOf(listOf(clause.ctes), 'CommonTableExpr')
    const names = new Set(ctes.map((cte) => cte.ctename))
    return ctes.some((cte) => {
      const union = nodeIf(cte.ctequery, 'SelectStmt')
      const [start, step] = [nodeOf(union?.larg), nodeOf(union?.rarg)]
      if (union === null || start === null || step === null || !reads(step, (name) => names.has(name))) return false
      if (!reads(step, (name) => !names.has(name))) return true
      return union.all === true && !isBounded(step) && nodesOf(start.whereClause, 'NullTest').length === 0
    })
  })
}

function recursiveClauses(tree: Tree): TreeNode[] {
  return nodesOf(tree.stmts, 'WithClause').filter((clause) => clause.recursive === true)
}

/** The two sides of a set operation stand in the tree without a tag. */
function nodeOf(side: unknown): TreeNode | null {
  return typeof side === 'object' && side !== null ? (side as TreeNode) : null
}

function reads(select: TreeNode, wanted: (name: unknown) => boolean): boolean {
  return nodesOf(listOf(select.fromClause), 'RangeVar').some((table) => wanted(table.relname))
}

/** `tree.level < 20`: a comparison with a constant in the condition. */
function isBounded(step: TreeNode): boolean {
  return nodesOf(step.whereClause, 'A_Expr').some((comparison) => {
    const operator = nodesOf(listOf(comparison.name), 'String')[0]?.sval
    const constant = [...nodesBelow([comparison.lexpr, comparison.rexpr])].some(({ kind }) => kind === 'A_Const')
    return (operator === '<' || operator === '<=') && constant
  })
}
