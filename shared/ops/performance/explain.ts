import type { Queryable, Store } from '../../platform/store.ts'

/** The largest scan from end to end of a statement's plan. */
export interface FullScan {
  readonly table: string
  readonly rows: number
  /** What rows are kept by; null where all are wanted. */
  readonly filter: string | null
}

const STATEMENT = /^\s*(select|with|insert|update|delete)\b/i
const NAME = 'helix_explained'

const PREPARATIONS = [
  'set transaction read only',
  `set local plan_cache_mode = 'force_generic_plan'`, // so that no value is needed
  `set local statement_timeout = '2s'`,
]
const PARAMETERS = `
  select cardinality(parameter_types) as n
    from pg_prepared_statements
   where name = $1`

const TABLE_ROWS = `
  select greatest(reltuples, 0)::float8 as rows
    from pg_class
   where oid = to_regclass($1)`

const ROWS_MIN = 10_000 // below that a scan is no cause of anything

/**
 * Looks at the plan of a statement without its values and without running it. A statement that can't be planned so (cut
 * off, several at once, of an unknown type) tells nothing.
 */
export async function fullScanOf(store: Store, text: string): Promise<FullScan | null> {
  if (!STATEMENT.test(text) || text.includes(';')) return null
  const plan = await store.transaction((tx) => planOf(tx, text)).catch(() => null)
  if (plan === null) return null
  let largest: FullScan | null = null
  for (const { schema, table, filter } of scansIn(plan)) {
    const { rows } = await store.query<{ rows: number }>(TABLE_ROWS, [schema === '' ? table : `${schema}.${table}`])
    const count = rows[0]?.rows ?? 0
    if (count >= ROWS_MIN && count > (largest?.rows ?? 0)) largest = { table, rows: count, filter }
  }
  return largest
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly Filter?: string
  readonly Plans?: readonly PlanNode[]
}

// A prepared statement outlives its transaction, so that it is taken back also where it could not be explained.
async function planOf(tx: Queryable, text: string): Promise<PlanNode | null> {
  for (const statement of PREPARATIONS) await tx.query(statement)
  await tx.query(`prepare ${NAME} as ${text}`)
  await tx.query('savepoint prepared')
  try {
    const { rows } = await tx.query<{ n: number }>(PARAMETERS, [NAME])
    const values = Array.from({ length: rows[0]?.n ?? 0 }, () => 'null').join(', ')
    const call = values === '' ? NAME : `${NAME}(${values})`
    const answer = await tx.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `explain (format json, verbose) execute ${call}`,
    )
    return answer.rows[0]?.['QUERY PLAN'][0]?.Plan ?? null
  } catch {
    await tx.query('rollback to savepoint prepared')
    return null
  } finally {
    await tx.query(`deallocate ${NAME}`)
  }
}

function scansIn(plan: PlanNode): { schema: string; table: string; filter: string | null }[] {
  const table = plan['Relation Name']
  const own =
    plan['Node Type'] === 'Seq Scan' && table !== undefined
      ? [{ schema: plan.Schema ?? '', table, filter: plan.Filter ?? null }]
      : []
  return [...own, ...(plan.Plans ?? []).flatMap(scansIn)]
}
