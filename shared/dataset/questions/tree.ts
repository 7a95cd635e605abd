/** What `SqlParser.parse` gives. */
export interface SqlTree {
  readonly stmts: readonly { readonly stmt: Record<string, unknown> }[]
}

export type TreeNode = Readonly<Record<string, unknown>>

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The child node under `key`, unwrapped from its type name where it has one; null when there is none. */
export function childOf(node: TreeNode, key: string): TreeNode | null {
  const child = node[key]
  return isNode(child) ? child : null
}

/** The nodes of a list, as they are: `[{ ResTarget: {…} }, …]`. */
export function listOf(node: TreeNode, key: string): readonly TreeNode[] {
  const list = node[key]
  return Array.isArray(list) ? list.filter(isNode) : []
}

/** The body of a wrapped node of that type: `{ ColumnRef: body }`. */
export function asType(node: unknown, type: string): TreeNode | null {
  return isNode(node) ? childOf(node, type) : null
}

/** The first statement's SELECT; null when it is something else. */
export function selectOf(tree: SqlTree): TreeNode | null {
  return asType(tree.stmts[0]?.stmt, 'SelectStmt')
}

/** Calls `see` for every node below, with the type that wraps it (or the field that holds it). Children of a node for which `see` answers false are left out. */
export function walk(value: unknown, see: (type: string, node: TreeNode) => boolean | undefined, type = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, see, type)
    return
  }
  if (!isNode(value)) return
  if (type !== '' && see(type, value) === false) return
  for (const key in value) {
    const child = value[key]
    if (typeof child === 'object' && child !== null) walk(child, see, key)
  }
}

/** `['c', 'name']` of a ColumnRef or of a function's name; null for `*`. */
export function namesOf(node: TreeNode, key: 'fields' | 'funcname' | 'name' | 'names'): readonly string[] | null {
  const names: string[] = []
  for (const field of listOf(node, key)) {
    const text = asType(field, 'String')?.sval
    if (typeof text !== 'string') return null
    names.push(text)
  }
  return names
}

/** The last part of a name, in lower case: `pg_catalog.extract` -> extract. */
export function lastName(node: TreeNode, key: 'fields' | 'funcname' | 'name' | 'names'): string {
  return namesOf(node, key)?.at(-1)?.toLowerCase() ?? ''
}

/** Tables and subqueries of a FROM clause with joins taken apart, and the joins themselves. */
export function fromItems(select: TreeNode): {
  readonly items: readonly TreeNode[]
  readonly joins: readonly TreeNode[]
} {
  const items: TreeNode[] = []
  const joins: TreeNode[] = []
  const open = (node: unknown): void => {
    const join = asType(node, 'JoinExpr')
    if (join === null) {
      if (isNode(node)) items.push(node)
      return
    }
    joins.push(join)
    open(join.larg)
    open(join.rarg)
  }
  for (const node of listOf(select, 'fromClause')) open(node)
  return { items, joins }
}
