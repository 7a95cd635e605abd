import { type Catalog, displayName, type ForeignKey, type Relation, type RelationName } from '../catalog/catalog.ts'
import { asType, childOf, fromItems, isNode, listOf, namesOf, type SqlTree, type TreeNode } from './tree.ts'

/** What of the catalog a statement names. */
export interface Usage {
  /** Display names of relations, sorted. */
  readonly tables: readonly string[]
  /** `table.column` of every column named (`*` names none), sorted. */
  readonly columns: readonly string[]
  /** `foreignKeyId` of every foreign key whose columns are equated, in full, between two tables. */
  readonly foreignKeys: readonly string[]
  /** `table.column=value` of every constant that a column is compared with for equality, sorted. */
  readonly values: readonly string[]
}

/** A foreign key's identity: names of constraints are unique per table only. */
export function foreignKeyId(key: ForeignKey): string {
  return `${displayName(key.from)}.${key.name}`
}

/** How a value of a column is told from all others. */
export function valueId(relation: RelationName, column: string, value: string): string {
  return `${displayName(relation)}.${column}=${value}`
}

// Where, besides in WHERE, a boolean column is a condition by itself.
const FLAG_PLACES: ReadonlySet<string> = new Set(['agg_filter', 'BoolExpr'])

function constantOf(node: unknown): string | null {
  const constant = asType(asType(node, 'TypeCast')?.arg ?? node, 'A_Const')
  if (constant === null) return null
  const { sval, ival, fval } = constant as Readonly<Record<string, TreeNode | undefined>>
  if (sval !== undefined) return String(sval.sval ?? '')
  if (ival !== undefined) return String(ival.ival ?? 0)
  return fval === undefined ? null : String(fval.fval)
}

interface Named {
  readonly alias: string
  /** Null for a CTE or a subquery: its columns are counted where they are made. */
  readonly relation: Relation | null
}
interface Place extends Named {
  readonly column: string
}
interface Scope {
  readonly tables: readonly Named[]
  readonly outer: Scope | null
}

/** What is looked up for every name of every statement. */
interface CatalogIndex {
  /** By `schema.name`; a partition stands for its parent. */
  readonly relations: ReadonlyMap<string, Relation>
  /** Keys in the catalog's order, by what compares their first columns: `a.b=c.d`. */
  readonly keys: ReadonlyMap<string, readonly (readonly [order: number, key: ForeignKey])[]>
}

// Statements come by the hundred thousand, and the catalog is one.
const indexes = new WeakMap<Catalog, CatalogIndex>()

function indexOf(catalog: Catalog): CatalogIndex {
  const known = indexes.get(catalog)
  if (known !== undefined) return known
  const relations = new Map<string, Relation>()
  for (const relation of catalog.relations) {
    relations.set(`${relation.schema}.${relation.name}`, relation)
    for (const partition of relation.partitions) relations.set(`${partition.schema}.${partition.name}`, relation)
  }
  const keys = new Map<string, (readonly [number, ForeignKey])[]>()
  for (const [order, key] of catalog.foreignKeys.entries()) {
    const compared = comparedIn(key, 0)
    keys.set(compared, [...(keys.get(compared) ?? []), [order, key]])
  }
  const index = { relations, keys }
  indexes.set(catalog, index)
  return index
}

function comparedIn(key: ForeignKey, at: number): string {
  return `${placeName(key.from, key.fromColumns[at])}=${placeName(key.to, key.toColumns[at])}`
}

function placeName(relation: RelationName, column: string | undefined): string {
  return `${relation.schema}.${relation.name}.${column}`
}

/** Reads tables, columns and joined keys off a parse tree, resolving aliases as Postgres does. */
export function usageOf(tree: SqlTree, catalog: Catalog): Usage {
  const reader = new UsageReader(indexOf(catalog))
  for (const { stmt } of tree.stmts) reader.read(stmt, null, new Set())
  return reader.usage()
}

/** Display names of the relations that a statement reads, sorted; names that are not in the catalog are left out. */
export function tablesOf(tree: SqlTree, catalog: Catalog): readonly string[] {
  return usageOf(tree, catalog).tables
}

class UsageReader {
  readonly #index: CatalogIndex
  readonly #tables = new Set<string>()
  readonly #columns = new Set<string>()
  readonly #values = new Set<string>()
  /** `a.b=c.d`, both ways round. */
  readonly #equalities = new Set<string>()
  #aliasSerial = 0

  constructor(index: CatalogIndex) {
    this.#index = index
  }

  usage(): Usage {
    return {
      tables: [...this.#tables].sort(),
      columns: [...this.#columns].sort(),
      foreignKeys: this.#joined().map(foreignKeyId),
      values: [...this.#values].sort(),
    }
  }

  read(value: unknown, scope: Scope | null, ctes: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      for (const item of value) this.read(item, scope, ctes)
      return
    }
    if (!isNode(value)) return
    for (const [key, child] of Object.entries(value)) {
      if (!isNode(child)) this.read(child, scope, ctes)
      else if (key === 'SelectStmt') this.#readSelect(child, scope, ctes)
      else if (key === 'ColumnRef') this.#resolve(child, scope)
      else {
        if (key === 'A_Expr' || key === 'SubLink') this.#noteEquality(key, child, scope, ctes)
        if (key === 'A_Expr' || FLAG_PLACES.has(key)) this.#noteValues(key, child, scope)
        this.read(child, scope, ctes)
      }
    }
  }

  #readSelect(select: TreeNode, outer: Scope | null, outerCtes: ReadonlySet<string>): void {
    const ctes = new Set(outerCtes)
    const withClause = childOf(select, 'withClause')
    if (withClause !== null) {
      for (const item of listOf(withClause, 'ctes')) {
        const cte = asType(item, 'CommonTableExpr')
        if (cte === null) continue
        if (withClause.recursive === true) ctes.add(String(cte.ctename))
        this.read(cte.ctequery, outer, ctes)
        ctes.add(String(cte.ctename))
      }
    }
    const scope = this.#scopeOf(select, outer, ctes)
    for (const [key, child] of Object.entries(select)) {
      if (key === 'withClause') continue
      if (key === 'whereClause' && isNode(child)) this.#noteValues(key, child, scope)
      // Operands of a set operation stand bare, without their type's name around them.
      if ((key === 'larg' || key === 'rarg') && isNode(child)) this.#readSelect(child, outer, ctes)
      else this.read(child, scope, ctes)
    }
  }

  #scopeOf(select: TreeNode, outer: Scope | null, ctes: ReadonlySet<string>): Scope {
    const { items, joins } = fromItems(select)
    const tables = items.map((item) => this.#named(item, ctes))
    for (const join of joins) this.#noteUsing(join, tables)
    return { tables, outer }
  }

  #named(item: TreeNode, ctes: ReadonlySet<string>): Named {
    const body = Object.values(item).find(isNode) ?? {}
    const alias = childOf(body, 'alias')?.aliasname ?? body.relname ?? `anonymous ${++this.#aliasSerial}`
    const name = item.RangeVar === undefined ? '' : String(body.relname)
    if (name === '' || (body.schemaname === undefined && ctes.has(name)))
      return { alias: String(alias), relation: null }
    const relation = this.#index.relations.get(`${String(body.schemaname ?? 'public')}.${name}`) ?? null
    if (relation !== null) this.#tables.add(displayName(relation))
    return { alias: String(alias), relation }
  }

  #resolve(ref: TreeNode, scope: Scope | null): Place | null {
    const names = namesOf(ref, 'fields')
    const column = names?.at(-1)
    if (names === null || column === undefined) return null
    const qualifier = names.at(-2)
    for (let place = scope; place !== null; place = place.outer) {
      const owner = place.tables.find((table) =>
        qualifier === undefined ? hasColumn(table.relation, column) : table.alias === qualifier,
      )
      if (owner === undefined) continue
      if (owner.relation !== null && hasColumn(owner.relation, column)) {
        this.#columns.add(`${displayName(owner.relation)}.${column}`)
      }
      return { ...owner, column }
    }
    return null
  }

  #noteEquality(type: string, node: TreeNode, scope: Scope | null, ctes: ReadonlySet<string>): void {
    const isIn = type === 'SubLink' && node.subLinkType === 'ANY_SUBLINK'
    if (!isIn && !(node.kind === 'AEXPR_OP' && namesOf(node, 'name')?.[0] === '=')) return
    const left = this.#columnOf(isIn ? node.testexpr : node.lexpr, scope)
    let right = this.#columnOf(node.rexpr, scope)
    if (isIn) {
      const inner = asType(node.subselect, 'SelectStmt') ?? {}
      const target = asType(listOf(inner, 'targetList')[0], 'ResTarget')
      right = this.#columnOf(target?.val, this.#scopeOf(inner, scope, ctes))
    }
    if (left !== null && right !== null) this.#addEquality(left, right)
  }

  /** `status = 'open'`, `status IN (…)`, and flags that stand alone: `NOT is_active`. */
  #noteValues(type: string, node: TreeNode, scope: Scope | null): void {
    if (type === 'A_Expr') {
      const isEquality =
        ['AEXPR_OP', 'AEXPR_IN'].includes(String(node.kind)) && /^(=|<>)$/.test(namesOf(node, 'name')?.[0] ?? '')
      const place = isEquality ? this.#columnOf(node.lexpr, scope) : null
      const list = asType(node.rexpr, 'List')
      for (const item of list === null ? [node.rexpr] : listOf(list, 'items')) this.#noteValue(place, constantOf(item))
      return
    }
    const isNot = type === 'BoolExpr' && node.boolop === 'NOT_EXPR'
    for (const item of type === 'BoolExpr' ? listOf(node, 'args') : [node]) {
      this.#noteValue(this.#columnOf(item, scope), isNot ? 'false' : 'true')
    }
  }

  #noteValue(place: Place | null, value: string | null): void {
    if (place?.relation == null || value === null) return
    this.#values.add(valueId(place.relation, place.column, value))
  }

  #columnOf(node: unknown, scope: Scope | null): Place | null {
    const ref = asType(node, 'ColumnRef')
    return ref === null ? null : this.#resolve(ref, scope)
  }

  #noteUsing(join: TreeNode, tables: readonly Named[]): void {
    for (const item of listOf(join, 'usingClause')) {
      const column = asType(item, 'String')?.sval
      if (typeof column !== 'string') continue
      const owners = tables.filter((table) => hasColumn(table.relation, column))
      for (const owner of owners)
        if (owner.relation !== null) this.#columns.add(`${displayName(owner.relation)}.${column}`)
      for (const [at, one] of owners.entries()) {
        for (const other of owners.slice(at + 1)) this.#addEquality({ ...one, column }, { ...other, column })
      }
    }
  }

  #addEquality(one: Place, other: Place): void {
    if (one.relation === null || other.relation === null) return
    const [left, right] = [placeName(one.relation, one.column), placeName(other.relation, other.column)]
    this.#equalities.add(`${left}=${right}`).add(`${right}=${left}`)
  }

  #joined(): readonly ForeignKey[] {
    const begun = [...this.#equalities].flatMap((compared) => this.#index.keys.get(compared) ?? [])
    const whole = begun.filter(([, key]) => key.fromColumns.every((_, at) => this.#equalities.has(comparedIn(key, at))))
    return whole.sort(([one], [other]) => one - other).map(([, key]) => key)
  }
}

function hasColumn(relation: Relation | null, column: string): boolean {
  return relation?.columns.some(({ name }) => name === column) ?? false
}
