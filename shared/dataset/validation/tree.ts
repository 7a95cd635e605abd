/** The parse tree as the parser gives it. */
export interface Tree {
  readonly stmts: readonly { readonly stmt: Record<string, unknown> }[]
}

export type TreeNode = Readonly<Record<string, unknown>>

export interface Tagged {
  readonly kind: string
  readonly node: TreeNode
}

// Fields whose value is a node without its tag, by the kind that they hold.
const UNTAGGED: Readonly<Record<string, string>> = {
  withClause: 'WithClause',
  typeName: 'TypeName',
  alias: 'Alias',
  over: 'WindowDef',
  intoClause: 'IntoClause',
}

/** Every node below a value, parents before children and in the order of the text. Never recurses. */
export function* nodesBelow(root: unknown): Generator<Tagged> {
  const stack: { kind: string | null; value: unknown }[] = [{ kind: null, value: root }]
  while (stack.length > 0) {
    const top = stack.pop()
    if (top === undefined || typeof top.value !== 'object' || top.value === null) continue
    if (Array.isArray(top.value)) {
      for (let index = top.value.length - 1; index >= 0; index--) stack.push({ kind: null, value: top.value[index] })
      continue
    }
    const node = top.value as TreeNode
    if (top.kind !== null) yield { kind: top.kind, node }
    const entries = Object.entries(node)
    for (let index = entries.length - 1; index >= 0; index--) {
      const [key, value] = entries[index] ?? ['', null]
      stack.push({ kind: kindOf(top.kind, key), value })
    }
  }
}

/** Nodes of one kind below a value. */
export function nodesOf(root: unknown, kind: string): TreeNode[] {
  return [...nodesBelow(root)].filter((tagged) => tagged.kind === kind).map((tagged) => tagged.node)
}

/** A value that holds exactly one tagged node: `{ ColumnRef: { … } }`. */
export function tagged(value: unknown): Tagged | null {
  if (typeof value !== 'object' || value === null) return null
  const [entry] = Object.entries(value)
  if (entry === undefined || !/^[A-Z]/.test(entry[0]) || typeof entry[1] !== 'object' || entry[1] === null) return null
  return { kind: entry[0], node: entry[1] as TreeNode }
}

export function nodeIf(value: unknown, kind: string): TreeNode | null {
  const found = tagged(value)
  return found?.kind === kind ? found.node : null
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The texts of a list of `String` nodes; `*` for a star. */
export function textsOf(value: unknown): string[] {
  return listOf(value).map((item) => {
    const text = nodeIf(item, 'String')?.sval
    return typeof text === 'string' ? text : '*'
  })
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Byte offset in the statement; the parser leaves out a zero, and says -1 where it does not know. */
export function locationOf(node: TreeNode): number {
  return typeof node.location === 'number' ? node.location : 0
}

/** The `SelectStmt` of a tree of one statement. */
export function selectOf(tree: Tree): TreeNode | null {
  const select = tree.stmts[0]?.stmt.SelectStmt
  return typeof select === 'object' && select !== null ? (select as TreeNode) : null
}

function kindOf(parent: string | null, key: string): string | null {
  if (/^[A-Z]/.test(key)) return key
  if (parent === 'SelectStmt' && (key === 'larg' || key === 'rarg')) return 'SelectStmt'
  if (key === 'rel' || key === 'relation') return 'RangeVar'
  return UNTAGGED[key] ?? null
}
