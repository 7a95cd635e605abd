import type { SqlParser } from '../../platform/sql-parser.ts'
import { SqlSyntaxError } from '../../platform/sql-parser.ts'
import { listOf, nodeIf, nodesBelow, type Tagged, type Tree, type TreeNode, textsOf } from './tree.ts'

export type RefusalReason =
  | 'too_long'
  | 'several_statements'
  | 'not_a_select'
  | 'changes_data'
  | 'select_into'
  | 'locks_rows'
  | 'parameter'
  | 'function'
  | 'operator'
  | 'system_catalog'

export type StatementVerdict =
  | { readonly kind: 'accepted'; readonly tree: Tree }
  | { readonly kind: 'syntax_error'; readonly message: string; readonly position: number | null }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string }

const CHARACTERS_MAX = 20_000 // twenty screens; what a language model writes beyond that is noise

// What reads or changes something beyond the tables, or holds the server up. `volatileFunctions` adds what the
// database itself calls volatile; these are refused even where it says otherwise.
const DENIED_FUNCTION =
  /^(?:pg_sleep(?:_for|_until)?|lo_.*|loread|lowrite|dblink.*|set_config|nextval|setval|currval|lastval|setseed|random|random_normal|gen_random_uuid|pg_(?:try_)?advisory_.*|pg_read_.*|pg_ls_.*|pg_stat_file|pg_file_.*|pg_logdir_ls|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_rotate_logfile|pg_notify|pg_logical_.*|pg_create_.*|pg_drop_.*|pg_replication_.*|pg_switch_wal|pg_promote|pg_start_backup|pg_stop_backup|pg_backup_.*|pg_wal_.*|pg_export_snapshot|pg_stat_reset.*|pg_import_system_collations|txid_current|pg_current_xact_id|(?:query|table|schema|database|cursor)_to_xml.*|xpath_table|ts_stat|ts_rewrite|crosstab.*|connectby|copy_.*|plpy.*|inet_server_.*|pg_show_all_settings|current_setting|pg_hba_file_rules|pg_config)$/

// One call can make a value of a gigabyte, which no limit on rows or time catches before it is in memory.
const GROWING_FUNCTION = /^(?:repeat|lpad|rpad|array_fill)$/
const GROWN_LENGTH_MAX = 1000
// `%1000000s` pads as `lpad` does, and `%*s` by a value.
const GROWING_FORMAT = /%[^%A-Za-z]*(?:\*|\d{4,})/

// Passwords, sessions, settings and files of the server are no business data, whoever may read them.
const SYSTEM_SCHEMA = /^(?:pg_catalog|information_schema|pg_toast.*|pg_temp.*)$/
const SYSTEM_RELATION = /^pg_/

/**
 * Accepts exactly one read-only `SELECT`, `VALUES` or `TABLE`, by its parse tree. This is the first of two gates:
 * the source's read-only transaction is the second, and does not rely on this one.
 * @param denied what the database calls volatile or security definer: of `volatileFunctions`
 */
export async function acceptStatement(
  parser: SqlParser,
  sql: string,
  denied: ReadonlySet<string> = new Set(),
): Promise<StatementVerdict> {
  if (sql.length > CHARACTERS_MAX) {
    return refused('too_long', `The statement has ${sql.length} characters; ${CHARACTERS_MAX} are allowed`)
  }
  let tree: Tree
  try {
    tree = await parser.parse(sql)
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return { kind: 'syntax_error', message: error.message, position: error.position }
  }
  const statements = tree.stmts.filter(({ stmt }) => Object.keys(stmt).length > 0)
  if (statements.length === 0) return { kind: 'syntax_error', message: 'There is no statement', position: 0 }
  if (statements.length > 1) return refused('several_statements', `There are ${statements.length} statements, not one`)
  const kind = Object.keys(statements[0]?.stmt ?? {})[0] ?? ''
  if (kind !== 'SelectStmt') return refused('not_a_select', `${kind.replace(/Stmt$/, '')} is not a SELECT`)
  for (const found of nodesBelow(statements[0]?.stmt)) {
    const refusal = refusalOf(found, denied)
    if (refusal !== null) return refusal
  }
  return { kind: 'accepted', tree }
}

function refusalOf({ kind, node }: Tagged, denied: ReadonlySet<string>): StatementVerdict | null {
  if (kind === 'IntoClause') return refused('select_into', 'SELECT INTO creates a table')
  if (kind === 'LockingClause') return refused('locks_rows', 'FOR UPDATE and FOR SHARE lock rows')
  if (kind === 'ParamRef') return refused('parameter', 'The statement has a parameter ($1) without a value')
  if (kind.endsWith('Stmt') && kind !== 'SelectStmt') {
    return refused('changes_data', `${kind.replace(/Stmt$/, '')} inside the statement changes data`)
  }
  if (kind === 'FuncCall') return refusedCall(node, denied)
  if (kind === 'RangeVar') return refusedRelation(node)
  return refusedNotation(kind, node, denied)
}

function refusedCall(node: TreeNode, denied: ReadonlySet<string>): StatementVerdict | null {
  const name = (textsOf(node.funcname).at(-1) ?? '').toLowerCase()
  if (DENIED_FUNCTION.test(name) || denied.has(name)) {
    return refused('function', `The function ${name} is volatile, or reaches beyond the data`)
  }
  const [first, second] = listOf(node.args)
  const grows = GROWING_FUNCTION.test(name) ? !isSmall(second) : name === 'format' && !isShortFormat(first)
  return grows ? refused('function', `The function ${name} may make a text of any length`) : null
}

function refusedRelation({ schemaname, relname }: TreeNode): StatementVerdict | null {
  const system =
    typeof schemaname === 'string' ? SYSTEM_SCHEMA.test(schemaname) : SYSTEM_RELATION.test(String(relname ?? ''))
  return system ? refused('system_catalog', `${String(relname)} belongs to the server, not to the data`) : null
}

/** Calls that do not look like calls: of an operator, of a cast, of a row. */
function refusedNotation(kind: string, node: TreeNode, denied: ReadonlySet<string>): StatementVerdict | null {
  const last = (value: unknown) => textsOf(value).at(-1) ?? ''
  if (kind === 'A_Expr' && denied.has(`operator ${last(node.name)}`)) {
    return refused('operator', `The operator ${last(node.name)} calls a volatile function`)
  }
  if (kind === 'TypeName' && denied.has(`cast ${last(node.names)}`)) {
    return refused('function', `A cast to ${last(node.names)} calls a volatile function`)
  }
  const fields = kind === 'ColumnRef' ? textsOf(node.fields).slice(1) : []
  const parts = kind === 'A_Indirection' ? textsOf(node.indirection) : fields
  const called = parts.find((part) => denied.has(`row ${part}`))
  return called === undefined
    ? null
    : refused('function', `The function ${called} is volatile, or reaches beyond the data`)
}

function isShortFormat(argument: unknown): boolean {
  const text = nodeIf(argument, 'A_Const')?.sval
  if (typeof text !== 'object' || text === null) return false
  return !GROWING_FORMAT.test('sval' in text ? String(text.sval) : '')
}

function isSmall(argument: unknown): boolean {
  const number = nodeIf(argument, 'A_Const')?.ival
  const value = typeof number === 'object' && number !== null && 'ival' in number ? number.ival : 0 // the tree omits a zero
  return number !== undefined && Number(value) <= GROWN_LENGTH_MAX
}

function refused(reason: RefusalReason, message: string): StatementVerdict {
  return { kind: 'refused', reason, message }
}
