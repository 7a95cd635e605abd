import type { Catalog } from '../catalog/catalog.ts'
import {
  type BaseColumn,
  baseOf,
  commonColumns,
  type Found,
  findRelation,
  lookUp,
  type Outputs,
  reachable,
  renamed,
  type Scope,
  type TableUse,
} from './scope.ts'
import { listOf, locationOf, nodeIf, selectOf, type Tree, type TreeNode, tagged, textOf, textsOf } from './tree.ts'

/** A column named anywhere in the statement. */
export interface ColumnUse extends Found {
  /** Byte offset of its first part; -1 where a join merges columns. */
  readonly location: number
  readonly qualifier: string | null
  readonly name: string
  readonly scope: Scope
}

export interface Resolution {
  readonly tables: readonly TableUse[]
  readonly columns: readonly ColumnUse[]
  /** Base columns compared with `=`, whether in ON, USING or WHERE. */
  readonly equalities: readonly (readonly [BaseColumn, BaseColumn])[]
}

type Ctes = ReadonlyMap<string, Outputs>

const CLAUSES = [
  'targetList',
  'whereClause',
  'havingClause',
  'limitCount',
  'limitOffset',
  'windowClause',
  'valuesLists',
  'distinctClause',
]

/**
 * Connects every name of a statement with the catalog, through aliases, subqueries and CTEs.
 * @param anySchema a bare name also means a table outside `public` when no other has that name: right for statements
 * that ran, whatever the search path
 */
export function resolveNames(tree: Tree, catalog: Catalog, anySchema = false): Resolution {
  const select = selectOf(tree)
  const resolver = new Resolver(catalog, anySchema)
  if (select !== null) resolver.visitSelect(select, null, new Map())
  return resolver
}

class Resolver implements Resolution {
  readonly tables: TableUse[] = []
  readonly columns: ColumnUse[] = []
  readonly equalities: [BaseColumn, BaseColumn][] = []
  readonly #catalog: Catalog
  readonly #anySchema: boolean

  constructor(catalog: Catalog, anySchema: boolean) {
    this.#catalog = catalog
    this.#anySchema = anySchema
  }

  visitSelect(select: TreeNode, parent: Scope | null, outer: Ctes): Outputs {
    const ctes = this.#visitWith(select, parent, outer)
    const scope: Scope = { entries: [], parent, merged: new Set() }
    let outputs: Outputs
    if (select.op !== undefined && select.op !== 'SETOP_NONE') {
      outputs = this.visitSelect(select.larg as TreeNode, parent, ctes)
      this.visitSelect(select.rarg as TreeNode, parent, ctes)
    } else {
      for (const item of listOf(select.fromClause)) this.#addFrom(item, scope, ctes)
      for (const clause of CLAUSES) this.#visit(select[clause], scope, ctes)
      outputs = this.#outputsOf(select, scope)
    }
    this.#visit(select.groupClause, scope, ctes, withoutInputs(outputs, scope))
    this.#visit(select.sortClause, scope, ctes, outputs)
    return outputs
  }

  #visitWith(select: TreeNode, parent: Scope | null, outer: Ctes): Ctes {
    const clause = select.withClause as TreeNode | undefined
    if (clause === undefined) return outer
    const ctes = new Map(outer)
    for (const item of listOf(clause.ctes)) {
      const cte = nodeIf(item, 'CommonTableExpr')
      const query = nodeIf(cte?.ctequery, 'SelectStmt')
      const name = textOf(cte?.ctename)
      if (cte === null || query === null || name === null) continue
      const names = textsOf(cte.aliascolnames)
      // Inside its own recursion its columns are those of its first half.
      if (clause.recursive === true) ctes.set(name, names.length > 0 ? renamed(null, names) : null)
      ctes.set(name, renamed(this.visitSelect(query, parent, ctes), names))
    }
    return ctes
  }

  #addFrom(item: unknown, scope: Scope, ctes: Ctes): void {
    const found = tagged(item)
    if (found === null) return
    const { kind, node } = found
    if (kind === 'RangeVar') this.#addTable(node, scope, ctes)
    if (kind === 'RangeTableSample') this.#addFrom(node.relation, scope, ctes)
    if (kind === 'RangeSubselect') {
      const query = nodeIf(node.subquery, 'SelectStmt')
      const outer = node.lateral === true ? scope : scope.parent
      const outputs = query === null ? null : this.visitSelect(query, outer, ctes)
      scope.entries.push({ name: aliasOf(node) ?? '', table: null, columns: renamed(outputs, aliasColumns(node)) })
    }
    if (kind === 'RangeFunction') {
      this.#visit(node.functions, scope, ctes)
      scope.entries.push({ name: aliasOf(node) ?? '', table: null, columns: null })
    }
    if (kind === 'JoinExpr') this.#addJoin(node, scope, ctes)
  }

  #addJoin(node: TreeNode, scope: Scope, ctes: Ctes): void {
    const start = scope.entries.length
    this.#addFrom(node.larg, scope, ctes)
    const middle = scope.entries.length
    this.#addFrom(node.rarg, scope, ctes)
    const [left, right] = [scope.entries.slice(start, middle), scope.entries.slice(middle)]
    const names = node.isNatural === true ? commonColumns(left, right) : textsOf(node.usingClause)
    for (const name of names) {
      scope.merged.add(name)
      const [one] = left.flatMap((entry) => entry.columns?.get(name) ?? [])
      const [other] = right.flatMap((entry) => entry.columns?.get(name) ?? [])
      const use = { location: -1, qualifier: null, name, scope, owners: [], known: true }
      this.columns.push({ ...use, base: [one, other].filter((base) => base !== undefined) })
      if (one !== undefined && other !== undefined) this.equalities.push([one, other])
    }
    this.#visit(node.quals, scope, ctes)
  }

  #addTable(node: TreeNode, scope: Scope, ctes: Ctes): void {
    const name = textOf(node.relname) ?? ''
    const schema = textOf(node.schemaname)
    const alias = aliasOf(node)
    const cte = schema === null ? ctes.get(name) : undefined
    if (cte !== undefined) {
      scope.entries.push({ name: alias ?? name, table: null, columns: renamed(cte, aliasColumns(node)) })
      return
    }
    const relation = findRelation(this.#catalog, schema, name, this.#anySchema)
    const table: TableUse = { location: locationOf(node), schema, name, alias, relation }
    this.tables.push(table)
    const columns =
      relation === null ? null : new Map(relation.columns.map((column) => [column.name, { relation, column }]))
    scope.entries.push({ name: alias ?? name, table, columns: renamed(columns, aliasColumns(node)) })
  }

  /** @param outputs names that may stand for a column of the result: in GROUP BY and ORDER BY */
  #visit(root: unknown, scope: Scope, ctes: Ctes, outputs: Outputs = null): void {
    const stack: unknown[] = [root]
    while (stack.length > 0) {
      const value = stack.pop()
      if (typeof value !== 'object' || value === null) continue
      const column = nodeIf(value, 'ColumnRef')
      const query = nodeIf(value, 'SelectStmt')
      const comparison = nodeIf(value, 'A_Expr')
      if (comparison !== null) this.#noteEquality(comparison, scope)
      if (column !== null) this.#noteColumn(column, scope, outputs)
      else if (query !== null) this.visitSelect(query, scope, ctes)
      else stack.push(...Object.values(value).toReversed())
    }
  }

  #noteColumn(node: TreeNode, scope: Scope, outputs: Outputs): void {
    const fields = textsOf(node.fields)
    const name = fields.at(-1) ?? ''
    const qualifier = fields.at(-2) ?? null
    if (qualifier === null && outputs?.has(name) === true) return
    const use = { location: locationOf(node), qualifier, name, scope }
    if (name !== '*') this.columns.push({ ...use, ...lookUp(scope, qualifier, name) })
    else if (qualifier !== null && !reachable(scope).some((entry) => entry.name === qualifier)) {
      this.columns.push({ ...use, owners: [], known: false, base: [] })
    }
  }

  #noteEquality(node: TreeNode, scope: Scope): void {
    if (node.kind !== 'AEXPR_OP' || textsOf(node.name).at(-1) !== '=') return
    const lefts = nodeIf(node.lexpr, 'RowExpr')?.args ?? [node.lexpr]
    const rights = listOf(nodeIf(node.rexpr, 'RowExpr')?.args ?? [node.rexpr])
    for (const [index, left] of listOf(lefts).entries()) {
      const one = baseOf(left, scope)
      const other = baseOf(rights[index], scope)
      if (one !== null && other !== null) this.equalities.push([one, other])
    }
  }

  #outputsOf(select: TreeNode, scope: Scope): Outputs {
    const outputs = new Map<string, BaseColumn | null>()
    for (const item of listOf(select.targetList)) {
      const target = nodeIf(item, 'ResTarget')
      const value = tagged(target?.val)
      const fields = value?.kind === 'ColumnRef' ? textsOf(value.node.fields) : []
      if (fields.at(-1) === '*') {
        const entries = scope.entries.filter((entry) => fields.length === 1 || entry.name === fields.at(-2))
        if (entries.some((entry) => entry.columns === null)) return null
        for (const entry of entries) for (const [name, base] of entry.columns ?? []) outputs.set(name, base)
        continue
      }
      const name = textOf(target?.name) ?? fields.at(-1) ?? defaultName(value?.kind, value?.node)
      outputs.set(name, baseOf(target?.val, scope))
    }
    return outputs
  }
}

/** The base column that a `ColumnRef` of the resolved statement means. */
export function lookUpBase(names: Resolution, node: TreeNode): BaseColumn | null {
  const location = locationOf(node)
  return names.columns.find((use) => use.location === location)?.base[0] ?? null
}

/** GROUP BY takes a name for a column of the result only where no table has such a column; ORDER BY always. */
function withoutInputs(outputs: Outputs, scope: Scope): Outputs {
  if (outputs === null) return null
  return new Map([...outputs].filter(([name]) => !scope.entries.some((entry) => entry.columns?.has(name) === true)))
}

function aliasOf(node: TreeNode): string | null {
  return textOf((node.alias as TreeNode | undefined)?.aliasname)
}

function aliasColumns(node: TreeNode): string[] {
  return textsOf((node.alias as TreeNode | undefined)?.colnames)
}

/** What Postgres calls a result column without a name. */
function defaultName(kind: string | undefined, node: TreeNode | undefined): string {
  if (kind === 'FuncCall') return textsOf(node?.funcname).at(-1) ?? '?column?'
  if (kind === 'CoalesceExpr') return 'coalesce'
  if (kind === 'CaseExpr') return 'case'
  return '?column?'
}
